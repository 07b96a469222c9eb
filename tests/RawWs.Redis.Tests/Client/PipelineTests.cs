using System.Collections.Concurrent;
using System.Globalization;
using RawWs.Redis.Client;
using RawWs.Redis.SocketIO;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>What is under way is not overtaken by what is said behind it, wherever a connection or a slot goes meanwhile.</summary>
public sealed class PipelineTests
{
    private const string Key = "stream";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly int Slot = RedisClusterRig.SlotOf(Key);

    [Fact]
    public async Task It_does_not_go_on_over_the_next_connection()
    {
        await using var server = new ScriptedServer(static command => ScriptedServer.Login(command) ?? (command == "GET lost" ? null : "+fine\r\n"));
        var options = RedisOptions.Parse($"127.0.0.1:{server.Port}");
        (options.MinReconnectDelay, options.CommandTimeout) = (TimeSpan.FromMilliseconds(5), LongestWait);
        await using var redis = new RedisClient(options);
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        var pipeline = redis.BeginPipeline();

        Assert.Equal("fine", (await pipeline.ExecuteAsync(new RedisCommand("GET", "a"))).ToText());
        await Assert.ThrowsAsync<RedisUnavailableException>(() => pipeline.ExecuteAsync(new RedisCommand("GET", "lost")));
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        Assert.Throws<RedisUnavailableException>(() => { _ = pipeline.ExecuteAsync(new RedisCommand("GET", "behind")); });

        Assert.Equal("fine", (await redis.BeginPipeline().ExecuteAsync(new RedisCommand("GET", "b"))).ToText());
        Assert.DoesNotContain("GET behind", server.Commands);
    }

    [Fact]
    public async Task It_does_not_go_on_at_the_next_server_and_what_was_not_taken_is_said_there_in_its_order()
    {
        using var isHeld = new ManualResetEventSlim();
        var (isMoved, addedCount) = (false, 0);
        await using var next = new ScriptedServer(command => ScriptedServer.Login(command) ?? (command.StartsWith("XADD", StringComparison.Ordinal) ? NewId() : "*0\r\n"));
        await using var server = new ScriptedServer((command, port) => ScriptedServer.Login(command) ?? command switch
        {
            "CLUSTER SLOTS" when Volatile.Read(ref isMoved) => $"*1\r\n{ScriptedServer.Slots(0, HashSlot.Count - 1, "127.0.0.1", next.Port)}",
            "CLUSTER SLOTS" => $"*2\r\n{ScriptedServer.Slots(0, Slot, "", port)}{ScriptedServer.Slots(Slot + 1, HashSlot.Count - 1, "127.0.0.1", next.Port)}",
            ['X', 'A', ..] => Moved(),
            _ => "*0\r\n",
        });
        var options = RedisOptions.Parse($"127.0.0.1:{server.Port}?cluster");
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (LongestWait, LongestWait, LongestWait);
        await using var redis = new RedisClusterClient(options);
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        var failures = new ConcurrentQueue<Exception>();
        using var stopping = new CancellationTokenSource();
        var outbox = new StreamOutbox(redis, Key, maxCount: 100, maxSize: 1_000, failures.Enqueue, failures.Enqueue);
        outbox.CatchUp(StreamPlace.Beginning);
        var running = outbox.RunAsync(stopping.Token);
        await outbox.WaitUntilWholeAsync(stopping.Token).WaitAsync(LongestWait);

        // The slot moves while the first is under way; that it has moved is known before the answer comes.
        var added = new List<Task> { AddAsync("one") };
        await Eventually.HoldsAsync(() => server.Commands.Contains($"XADD {Key} * said one"));
        Volatile.Write(ref isMoved, true);
        redis.Take(new ClusterRedirection(IsAsk: false, Slot, new("127.0.0.1", next.Port)));
        added.AddRange([AddAsync("two"), AddAsync("three")]);
        isHeld.Set();
        await Task.WhenAll(added).WaitAsync(LongestWait);
        await Eventually.HoldsAsync(() => AddedThere().Length >= 3);

        Assert.Equal(["one", "two", "three"], AddedThere().Take(3));
        Assert.Empty(failures);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Task AddAsync(string said) => outbox.AddAsync(new RedisCommand("XADD", Key, "*", "said", said), size: 1, deliver: null, isKept: true);

        string[] AddedThere() => [.. next.Commands.Where(static command => command.StartsWith("XADD", StringComparison.Ordinal)).Select(static command => command.Split(' ')[^1])];

        string NewId()
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref addedCount)}-0");
            return $"${id.Length}\r\n{id}\r\n";
        }

        string Moved()
        {
            Assert.True(isHeld.Wait(LongestWait));
            return $"-MOVED {Slot} 127.0.0.1:{next.Port}\r\n";
        }
    }
}
