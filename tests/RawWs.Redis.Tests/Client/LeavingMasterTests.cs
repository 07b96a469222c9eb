using RawWs.Redis.Client;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>A master that has given away its last slot answers what is under way to it, and is not needed any more.</summary>
public sealed class LeavingMasterTests : IAsyncLifetime
{
    private const string Key = "a";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly RecordingLoggerFactory _log = new();
    private readonly SemaphoreSlim _tellsSlots = new(1), _answers = new(0);
    private ScriptedServer _leaving = null!, _next = null!;
    private bool _hasLeft;

    public ValueTask InitializeAsync()
    {
        _next = new ScriptedServer(static (command, port) => ScriptedServer.Login(command) ?? (command == "CLUSTER SLOTS" ? $"*1\r\n{ScriptedServer.Slots(0, HashSlot.Count - 1, "", port)}" : "+there\r\n"));
        _leaving = new ScriptedServer((command, port) => ScriptedServer.Login(command) ?? command.Split(' ') switch
        {
            ["CLUSTER", ..] => Slots(port),
            ["GET", "held"] => Held($"-MOVED {HashSlot.Of("held"u8)} 127.0.0.1:{_next.Port}\r\n"),
            ["GET", ..] => "-CLUSTERDOWN not yet\r\n",
            _ => Held("+last\r\n"),
        });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _tellsSlots.Release(100);
        _answers.Release(100);
        await _leaving.DisposeAsync();
        await _next.DisposeAsync();
        _log.Dispose();
        _tellsSlots.Dispose();
        _answers.Dispose();
    }

    [Fact]
    public async Task It_answers_what_is_under_way_to_it()
    {
        await using var redis = await ConnectAsync(LongestWait);
        await HoldSlotsAsync(redis);
        var pipeline = ((IOrderedRedisClient)redis).BeginPipeline(Key);
        Task<RespValue>[] unanswered = [pipeline.ExecuteAsync(new RedisCommand("SET", Key, "1")), redis.ExecuteAsync(new RedisCommand("GET", "held")).AsTask(), pipeline.ExecuteAsync(new RedisCommand("SET", Key, "2"))];
        await LeaveAsync();
        await Eventually.HoldsAsync(() => redis.RetiringCount == 1);

        // What follows in a pipeline goes the same way, while something in it is unanswered.
        var following = pipeline.ExecuteAsync(new RedisCommand("SET", Key, "3"));
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        Assert.Equal("there", (await redis.ExecuteAsync(new RedisCommand("GET", Key)).AsTask().WaitAsync(LongestWait)).ToText());
        Assert.DoesNotContain(unanswered, static each => each.IsCompleted);
        _answers.Release(4);

        var answers = await Task.WhenAll([.. unanswered, following]).WaitAsync(LongestWait);
        Assert.Equal(["last", "there", "last", "last"], answers.Select(static answer => answer.ToText()));
        await Eventually.HoldsAsync(() => redis.RetiringCount == 0);

        // It may have been asked once more as the one that is configured, before the other one was connected: then it says so for that connection too.
        Assert.Contains(_log.AboveDebug, static line => line.StartsWith("Information: ", StringComparison.Ordinal) && line.Contains("not needed any more", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.AboveDebug, static line => line.Contains("was lost", StringComparison.Ordinal));
        Assert.Throws<RedisUnavailableException>(() => { _ = pipeline.ExecuteAsync(new RedisCommand("SET", Key, "4")); });
    }

    [Fact]
    public async Task It_is_waited_for_no_longer_than_any_other()
    {
        await using var redis = await ConnectAsync(TimeSpan.FromSeconds(2));
        await HoldSlotsAsync(redis);
        var unanswered = redis.ExecuteAsync(new RedisCommand("SET", Key, "1")).AsTask();
        await LeaveAsync();

        await Assert.ThrowsAsync<RedisUnavailableException>(() => unanswered.WaitAsync(LongestWait));
        await Eventually.HoldsAsync(() => redis.RetiringCount == 0);
    }

    [Fact]
    public async Task Who_goes_on_with_it_does_not_keep_it()
    {
        await using var redis = await ConnectAsync(TimeSpan.FromMilliseconds(500));
        await HoldSlotsAsync(redis);
        var pipeline = ((IOrderedRedisClient)redis).BeginPipeline(Key);
        var unanswered = pipeline.ExecuteAsync(new RedisCommand("SET", Key, "0"));
        await LeaveAsync();

        // It takes what is said, as one does that has not heard of the move, and there is always more.
        var goingOn = Task.Run(async () =>
        {
            while (true)
            {
                var next = pipeline.ExecuteAsync(new RedisCommand("SET", Key, "1"));
                _answers.Release();
                await unanswered;
                unanswered = next;
            }
        });
        await Assert.ThrowsAsync<RedisUnavailableException>(() => goingOn.WaitAsync(LongestWait));
        await Eventually.HoldsAsync(() => redis.RetiringCount == 0);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => unanswered.WaitAsync(LongestWait));
    }

    [Fact]
    public async Task Who_waits_for_its_answer_is_told_when_the_client_is_disposed()
    {
        var redis = await ConnectAsync(LongestWait);
        await HoldSlotsAsync(redis);
        var unanswered = redis.ExecuteAsync(new RedisCommand("SET", Key, "1")).AsTask();
        await LeaveAsync();
        await Eventually.HoldsAsync(() => redis.RetiringCount == 1);

        await redis.DisposeAsync().AsTask().WaitAsync(LongestWait);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => unanswered.WaitAsync(LongestWait));
    }

    private async Task<RedisClusterClient> ConnectAsync(TimeSpan commandTimeout)
    {
        var options = RedisOptions.Parse($"127.0.0.1:{_leaving.Port}?cluster");
        (options.MinReconnectDelay, options.CommandTimeout, options.KeepAliveInterval, options.LoggerFactory) = (TimeSpan.FromMilliseconds(5), commandTimeout, LongestWait, _log);
        var redis = new RedisClusterClient(options);
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        return redis;
    }

    // Slots are asked for, and the answer is not there yet: what is sent now is behind the question.
    private async Task HoldSlotsAsync(RedisClusterClient redis)
    {
        await Assert.ThrowsAsync<RedisErrorException>(() => redis.ExecuteAsync(new RedisCommand("GET", Key)).AsTask().WaitAsync(LongestWait));
        await Eventually.HoldsAsync(() => _leaving.Commands.Count(static command => command == "CLUSTER SLOTS") >= 2);
    }

    // However often it is asked from here on. Whoever has heard of it connects to the next one.
    private async Task LeaveAsync()
    {
        Volatile.Write(ref _hasLeft, true);
        _tellsSlots.Release(100);
        await Eventually.HoldsAsync(() => !_next.Commands.IsEmpty);
    }

    private string Slots(int port)
    {
        Assert.True(_tellsSlots.Wait(LongestWait));
        return Volatile.Read(ref _hasLeft)
            ? $"*1\r\n{ScriptedServer.Slots(0, HashSlot.Count - 1, "127.0.0.1", _next.Port)}"
            : $"*1\r\n{ScriptedServer.Slots(0, HashSlot.Count - 1, "", port)}";
    }

    private string Held(string answer)
    {
        Assert.True(_answers.Wait(LongestWait));
        return answer;
    }
}
