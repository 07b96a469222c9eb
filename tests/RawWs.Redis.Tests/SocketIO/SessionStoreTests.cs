using RawWs.Redis.Client;
using RawWs.Redis.SocketIO;
using RawWs.Redis.Tests.Client;
using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Sessions whose way to Redis is lost when they are there.</summary>
public sealed class SessionStoreTests
{
    private const string Key = "sio:session:pid";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private static readonly ConnectionStateRecoveryOptions Recovery = new();

    [Fact]
    public async Task A_session_whose_answer_was_lost_does_not_take_the_place_of_a_later_one()
    {
        await using var parts = await Parts.MakeAsync();
        var (_, lossy, nsp, store) = parts;
        var other = parts.StoreOver(parts.Redis);

        // It was kept, and nobody knows. Its client comes back to another server, and loses its connection again.
        var saving = store.SaveAsync(nsp, Session("first"), Recovery);
        await Eventually.HoldsAsync(() => lossy.SetCount == 1);
        Assert.Equal("first", Assert.Single((await other.TakeAsync(nsp, "pid"))!.Rooms)); // It is there.
        await other.SaveAsync(nsp, Session("later"), Recovery);
        await Eventually.CompletesAsync(lossy.Clock, saving);

        Assert.Equal(2, lossy.SetCount);
        Assert.Equal("later", Assert.Single((await other.TakeAsync(nsp, "pid"))!.Rooms)); // As above.
    }

    [Fact]
    public async Task A_session_whose_answer_was_lost_with_a_Redis_that_forgot_it_is_kept_again()
    {
        await using var parts = await Parts.MakeAsync();
        var (rig, lossy, nsp, store) = parts;

        var saving = store.SaveAsync(nsp, Session("first"), Recovery);
        await Eventually.HoldsAsync(() => lossy.SetCount == 1);
        Assert.Equal(1, (await rig.Server.ExecuteAsync("DEL", Key)).ToInteger());
        await Eventually.CompletesAsync(lossy.Clock, saving);

        Assert.Equal("first", Assert.Single((await store.TakeAsync(nsp, "pid"))!.Rooms)); // It was kept.
    }

    [Fact]
    public async Task Of_many_sessions_that_wait_for_Redis_one_asks_whether_it_is_there_and_then_all_are_kept()
    {
        await using var parts = await Parts.MakeAsync(isAway: true);
        var (rig, lossy, nsp, store) = parts;

        var saving = Enumerable.Range(0, 5_000).Select(number => store.SaveAsync(nsp, Session("room", $"pid{number}"), Recovery)).ToArray();
        for (var look = 1; look <= 10; look++)
        {
            Assert.Equal(look, lossy.RefusedCount);
            lossy.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Eventually.HoldsAsync(() => lossy.RefusedCount == look + 1 && lossy.Clock.TimerCount == 1);
        }

        lossy.IsAway = false;
        await Eventually.CompletesAsync(lossy.Clock, Task.WhenAll(saving));
        Assert.Equal(11, lossy.RefusedCount);
        Assert.Equal(5_000, (await rig.Server.ExecuteAsync("DBSIZE")).ToInteger());
    }

    [Fact]
    public async Task A_session_waits_for_Redis_no_longer_than_its_client_may()
    {
        await using var parts = await Parts.MakeAsync(isAway: true);
        var (rig, lossy, nsp, store) = parts;
        ConnectionStateRecoveryOptions Recovering(int seconds) => new() { MaxDisconnectionDuration = TimeSpan.FromSeconds(seconds) };

        var (longer, shorter) = (store.SaveAsync(nsp, Session("longer", "longer"), Recovering(60)), store.SaveAsync(nsp, Session("shorter", "shorter"), Recovering(1)));
        lossy.Clock.Advance(TimeSpan.FromSeconds(1));
        await shorter.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.False(longer.IsCompleted);
        lossy.IsAway = false;
        await Eventually.CompletesAsync(lossy.Clock, longer);
        Assert.Equal(1, (await rig.Server.ExecuteAsync("DBSIZE")).ToInteger());
    }

    [Fact]
    public async Task A_session_on_its_way_when_a_server_ends_is_waited_for_also_while_another_connection_is_away()
    {
        var (isThere, answered) = (0, new TaskCompletionSource());
        await using var server = new ScriptedServer(command =>
        {
            if (ScriptedServer.Login(command) is { } login)
                return Interlocked.Exchange(ref isThere, 1) == 0 ? login : null;

            answered.Task.Wait(LongestWait);
            return "+OK\r\n";
        });
        await using var redis = new RedisClient(new RedisOptions { Host = "127.0.0.1", Port = server.Port, TimeProvider = new ManualTimeProvider() });
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        await using var subscription = redis.Subscribe(new RedisChannel("x"), new RecordingSubscriber());
        Assert.False(redis.IsConnected);
        await using var socketIO = await SocketIOTestServer.StartAsync();
        var nsp = socketIO.IO.Of("/");
        var store = new SessionStore(redis, "sio:session:", new AdapterReader(nsp));

        var saving = store.SaveAsync(nsp, Session("room"), Recovery);
        var flushing = store.FlushAsync();
        Assert.False(flushing.IsCompleted);

        answered.SetResult();
        await flushing.WaitAsync(LongestWait);
        Assert.True(saving.IsCompletedSuccessfully);
    }

    private static StoredSession Session(string room, string privateId = "pid") => new("sid", privateId, [room], new SocketData(), FirstOffset: null);

    /// <summary>A store over a client that loses an answer, or is away, and all that it needs.</summary>
    private sealed record Parts(RedisRig Rig, LossyClient Lossy, SocketIONamespace Namespace, SessionStore Store) : IAsyncDisposable
    {
        public required RedisClient Redis { get; init; }

        public required SocketIOTestServer Server { get; init; }

        public static async Task<Parts> MakeAsync(bool isAway = false)
        {
            var rig = await RedisRig.StartAsync();
            var redis = await rig.ConnectAsync();
            var server = await SocketIOTestServer.StartAsync();
            var (lossy, nsp) = (new LossyClient(redis) { IsAway = isAway }, server.IO.Of("/"));
            return new Parts(rig, lossy, nsp, StoreOver(lossy, nsp)) { Redis = redis, Server = server };
        }

        /// <summary>Another one, as of another server.</summary>
        public SessionStore StoreOver(IOrderedRedisClient redis) => StoreOver(redis, Namespace);

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            await Redis.DisposeAsync();
            await Rig.DisposeAsync();
        }

        private static SessionStore StoreOver(IOrderedRedisClient redis, SocketIONamespace nsp) => new(redis, "sio:session:", new AdapterReader(nsp));
    }

    /// <summary>Loses the answer to the first <c>SET</c> unless it was away before, on a clock of its own.</summary>
    private sealed class LossyClient(RedisClient client) : IOrderedRedisClient
    {
        private int _setCount;
        private int _refusedCount;
        private volatile bool _isAway;

        public ManualTimeProvider Clock { get; } = new();

        /// <summary>Whether it refuses all that it is told.</summary>
        public bool IsAway
        {
            get => _isAway;
            set => _isAway = value;
        }

        /// <summary>How often it did.</summary>
        public int RefusedCount => Volatile.Read(ref _refusedCount);

        /// <summary>How often one was answered.</summary>
        public int SetCount => Volatile.Read(ref _setCount);

        public RedisOptions Options => new() { TimeProvider = Clock };

        public bool IsConnected => client.IsConnected;

        public async ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default)
        {
            if (IsAway)
            {
                Interlocked.Increment(ref _refusedCount);
                throw new RedisUnavailableException("It is away.");
            }

            var answer = await client.ExecuteAsync(command, cancellationToken);
            return command.Name == "SET" && Interlocked.Increment(ref _setCount) == 1 && RefusedCount == 0 ? throw new RedisUnavailableException("The connection was lost before the answer.") : answer;
        }

        public IRedisSubscription Subscribe(RedisChannel channel, RedisSubscriber subscriber) => client.Subscribe(channel, subscriber);

        public IRedisPipeline BeginPipeline(string key) => client.BeginPipeline();

        public Task<RespValue>[] ExecuteTogether(IReadOnlyList<RedisCommand> commands, CancellationToken cancellationToken) => client.ExecuteTogether(commands, cancellationToken);

        public void Follow(string key, int readCount, TimeSpan blockTime, IStreamFollower follower) => throw new NotSupportedException();

        public ValueTask UnfollowAsync(string key, IStreamFollower follower) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }
}
