using System.Globalization;
using RawWs.Redis.Diagnostics;
using RawWs.Redis.Rooms;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>What waits for other nodes leaves, however little may be unanswered at once.</summary>
public sealed class OutboxSenderTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1, null)]
    [InlineData(8, null)]
    [InlineData(8, "PUBLISH added")]
    [InlineData(1, "PUBLISH added")]
    public async Task What_waits_is_sent_in_its_order_however_few_may_be_unanswered_at_once(int maxPendingCount, string? announcement)
    {
        await using var server = new ScriptedServer(static command => ScriptedServer.Login(command) ?? ":1\r\n");
        await using var redis = await ConnectAsync(server, options => options.MaxPendingCount = maxPendingCount);
        var outbox = new Outbox(NodeId.New(), capacity: 100, sizeCapacity: 100_000);
        for (var number = 0; number < 20; number++)
            Assert.True(outbox.TryAdd(Message()));

        await SendAllAsync(outbox, redis, announcement is null ? null : new RedisCommand("PUBLISH", "added"));

        Assert.Equal(Enumerable.Range(1, 20), NumbersAt(server));
        if (announcement is not null)
            await Eventually.HoldsAsync(() => server.Commands.Last() == announcement);
    }

    [Fact]
    public async Task What_never_fits_stays_here_which_is_logged_and_what_is_behind_it_is_sent()
    {
        var log = new RecordingLoggerFactory();
        await using var server = new ScriptedServer(static command => ScriptedServer.Login(command) ?? ":1\r\n");
        await using var redis = await ConnectAsync(server, static options => options.MaxPendingSize = 1_000);
        var outbox = new Outbox(NodeId.New(), capacity: 100, sizeCapacity: 100_000);
        Assert.True(outbox.TryAdd(Message()));
        Assert.True(outbox.TryAdd(Message(new string('x', 1_000))));
        Assert.True(outbox.TryAdd(Message()));

        await SendAllAsync(outbox, redis, announcement: null, log);

        Assert.Equal([1, 3], NumbersAt(server));
        Assert.Contains("bytes stays on this node, for others are sent 1000 at most", Assert.Single(log.AboveDebug), StringComparison.Ordinal);
    }

    private static async Task SendAllAsync(Outbox outbox, RedisClient redis, RedisCommand? announcement, RecordingLoggerFactory? log = null)
    {
        using var metrics = new BackplaneMetrics(static () => 0, static () => 0);
        using var stopping = new CancellationTokenSource();
        var sender = new OutboxSender(outbox, redis, CommandOf, announcement, TimeProvider.System, metrics, log ?? new RecordingLoggerFactory());

        var running = sender.RunAsync(stopping.Token);
        sender.Wake();
        await Eventually.HoldsAsync(() => outbox.Count == 0);

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static RedisCommand CommandOf(byte[] written)
    {
        Assert.True(Envelope.TryRead(written, out var envelope));
        return new RedisCommand("SAY", (long)envelope.Sequence, (ReadOnlyMemory<byte>)written);
    }

    private static int[] NumbersAt(ScriptedServer server)
        => [.. server.Commands.Where(static command => command.StartsWith("SAY ", StringComparison.Ordinal)).Select(static command => int.Parse(command.Split(' ')[1], CultureInfo.InvariantCulture))];

    private static byte[] Message(string text = "x") => Envelope.Write(NodeId.New(), new RoomPublication { Rooms = ["a"], Message = text });

    private static async Task<RedisClient> ConnectAsync(ScriptedServer server, Action<RedisOptions> configure)
    {
        var options = RedisOptions.Parse($"127.0.0.1:{server.Port}");
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (LongestWait, LongestWait, LongestWait);
        configure(options);
        var client = new RedisClient(options);
        await client.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        return client;
    }
}
