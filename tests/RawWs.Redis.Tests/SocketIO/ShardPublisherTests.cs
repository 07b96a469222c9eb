using RawWs.Redis.Client;
using RawWs.Redis.SocketIO;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What is said to a sharded channel keeps its order when its slot moves, or is not said.</summary>
public sealed class ShardPublisherTests : IAsyncLifetime
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly RedisChannel Channel = new("socket.io#/#", RedisChannelKind.Shard);
    private static readonly int Slot = RedisClusterRig.SlotOf(Channel.Name);
    private static readonly string[] Texts = ["one", "two", "three", "four"];

    private readonly Dictionary<string, SemaphoreSlim> _held = Texts.ToDictionary(static text => text, static _ => new SemaphoreSlim(0));
    private ScriptedServer _server = null!, _next = null!;
    private RedisClusterClient _redis = null!;
    private bool _isMoved, _isBack, _isNextGone;

    public async ValueTask InitializeAsync()
    {
        _next = new ScriptedServer(command => Answer(command) ?? "*0\r\n");
        _server = new ScriptedServer((command, port) => command switch
        {
            "CLUSTER SLOTS" when Volatile.Read(ref _isMoved) => $"*1\r\n{ScriptedServer.Slots(0, HashSlot.Count - 1, "127.0.0.1", _next.Port)}",
            "CLUSTER SLOTS" => $"*2\r\n{ScriptedServer.Slots(0, Slot, "", port)}{ScriptedServer.Slots(Slot + 1, HashSlot.Count - 1, "127.0.0.1", _next.Port)}",
            _ when TextOf(command) is { } text => Refuse(text),
            _ => Answer(command) ?? "*0\r\n",
        });
        var options = RedisOptions.Parse($"127.0.0.1:{_server.Port}?cluster");
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (LongestWait, LongestWait, LongestWait);
        _redis = new RedisClusterClient(options);
        await _redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
    }

    public async ValueTask DisposeAsync()
    {
        Release(Texts);
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
        if (!_isNextGone)
            await _next.DisposeAsync();

        foreach (var held in _held.Values)
            held.Dispose();
    }

    [Fact]
    public async Task Events_that_are_under_way_when_their_slot_moves_are_not_overtaken_at_the_other_master()
    {
        await using var server = await ClusterServer.StartAsync(_redis, AdapterKind.Sharded);
        var said = new List<Task> { server.IO.EmitAsync("one") };
        await Eventually.HoldsAsync(() => SaidAt(_server) is ["one"]);

        // That it has moved is known before the answer comes.
        Volatile.Write(ref _isMoved, true);
        _redis.Take(new ClusterRedirection(IsAsk: false, Slot, new("127.0.0.1", _next.Port)));
        said.AddRange([server.IO.EmitAsync("two"), server.IO.EmitAsync("three")]);
        Release(Texts);
        await Task.WhenAll(said).WaitAsync(LongestWait);

        Assert.Equal(["one", "two", "three"], SaidAt(_next));
    }

    [Fact]
    public async Task What_was_refused_is_said_again_in_front_of_what_came_meanwhile_and_nothing_is_remembered_then()
    {
        var publisher = new ShardPublisher(_redis);
        var said = new List<Task> { SayAsync(publisher, "one"), SayAsync(publisher, "two") };
        Release("one");
        await Eventually.HoldsAsync(() => publisher.WaitingCount == 1);
        said.AddRange([SayAsync(publisher, "three"), SayAsync(publisher, "four")]);
        Assert.Equal(3, publisher.WaitingCount);
        Assert.Equal(1, publisher.ChannelCount);
        Release("two");
        await Task.WhenAll(said).WaitAsync(LongestWait);

        Assert.Equal(Texts, SaidAt(_next));
        await Eventually.HoldsAsync(() => publisher.ChannelCount == 0);
        Assert.Equal(0, publisher.WaitingCount);
    }

    [Fact]
    public async Task What_was_refused_is_not_said_behind_what_was_not()
    {
        var publisher = new ShardPublisher(_redis);
        var (one, two) = (SayAsync(publisher, "one"), SayAsync(publisher, "two"));
        Release("one");
        await Eventually.HoldsAsync(() => publisher.WaitingCount == 1);
        var three = SayAsync(publisher, "three");
        Volatile.Write(ref _isBack, true);
        Release("two", "three");

        await Task.WhenAll(two, three).WaitAsync(LongestWait);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => one);
        Assert.DoesNotContain("one", SaidAt(_next));
    }

    [Fact]
    public async Task Who_has_no_connection_to_where_the_channel_has_gone_is_told_and_nothing_waits_for_it()
    {
        var publisher = new ShardPublisher(_redis);
        await _next.DisposeAsync();
        _isNextGone = true;
        await Eventually.HoldsAsync(() => !_redis.IsConnected);
        Task[] said = [SayAsync(publisher, "one"), SayAsync(publisher, "two")];
        Release("one", "two");

        foreach (var each in said)
            await Assert.ThrowsAsync<RedisUnavailableException>(() => each.WaitAsync(LongestWait));

        Assert.Equal((0, 0), (publisher.ChannelCount, publisher.WaitingCount));
    }

    private static Task SayAsync(ShardPublisher publisher, string text) => publisher.PublishAsync(Channel, System.Text.Encoding.ASCII.GetBytes(text));

    private static string[] SaidAt(ScriptedServer server) => [.. server.Commands.Select(TextOf).OfType<string>()];

    private static string? TextOf(string command) => command.StartsWith("SPUBLISH", StringComparison.Ordinal) ? Array.Find(Texts, text => command.Contains(text, StringComparison.Ordinal)) : null;

    private static string? Answer(string command) => ScriptedServer.Login(command) ?? command.Split(' ') switch
    {
        ["SSUBSCRIBE" or "SUNSUBSCRIBE", .. var channels] => string.Concat(channels.Select(channel => $">3\r\n+{command.Split(' ')[0]}\r\n${channel.Length}\r\n{channel}\r\n:1\r\n".ToLowerInvariant())),
        ["SPUBLISH", ..] => ":1\r\n",
        _ => null,
    };

    private void Release(params string[] texts)
    {
        foreach (var text in texts)
            _held[text].Release();
    }

    private string Refuse(string text)
    {
        Assert.True(_held[text].Wait(LongestWait));
        return Volatile.Read(ref _isBack) ? ":1\r\n" : $"-MOVED {Slot} 127.0.0.1:{_next.Port}\r\n";
    }
}
