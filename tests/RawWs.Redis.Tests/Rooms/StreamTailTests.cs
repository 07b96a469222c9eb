using Microsoft.Extensions.Logging.Abstractions;
using RawWs.Redis.Diagnostics;
using RawWs.Redis.Rooms;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>A stream that contradicts itself.</summary>
public sealed class StreamTailTests
{
    [Fact]
    public async Task A_stream_that_has_an_end_and_nothing_in_it_is_read_again_when_there_is_reason_to()
    {
        var time = new ManualTimeProvider();
        var redis = new ContradictingClient();
        using var metrics = new BackplaneMetrics(static () => 0, static () => 0);
        using var stopping = new CancellationTokenSource();
        var tail = new StreamTail(redis, "s", new Inbox(NodeId.New(), new NoReceiver(), metrics), new RedisBackplaneOptions { TimeProvider = time }, metrics, NullLogger.Instance);

        // The client answers at once: until it waits, this does not return.
        var running = tail.RunAsync(stopping.Token);
        Assert.Equal(["XREVRANGE", "XRANGE", "XREVRANGE"], redis.Commands);

        time.Advance(new RedisBackplaneOptions().PollInterval);
        await Eventually.HoldsAsync(() => redis.Commands.Length == 5);
        Assert.Equal(["XRANGE", "XREVRANGE"], redis.Commands[3..]);

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>Says that a stream ends with an entry, and that nothing is there from this entry on.</summary>
    private sealed class ContradictingClient : IRedisClient
    {
        private const int MaxCommandCount = 100;

        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _commands = new();

        public bool IsConnected => true;

        public string[] Commands => [.. _commands];

        public ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default)
        {
            _commands.Enqueue(command.Name);
            if (_commands.Count > MaxCommandCount)
                throw new InvalidOperationException("It is asked without end.");

            var newest = RespValue.FromItems(RespValue.FromItems(RespValue.FromText("5-0"), RespValue.FromItems()));
            return new(command.Name == "XREVRANGE" ? newest : RespValue.FromItems());
        }

        public IRedisSubscription Subscribe(RedisChannel channel, RedisSubscriber subscriber) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }

    private sealed class NoReceiver : IRoomReceiver
    {
        public void Deliver(RoomPublication publication) => Assert.Fail("Nothing is said here.");

        public void ReportLoss()
        {
            // A stream that has gone back has lost something.
        }

        public int CountMembers(string? room) => 0;

        public IReadOnlyList<RoomMember> ReadMembers(string room, int maxCount) => [];

        public void DeliverPresence(string room, RoomMember member, bool hasJoined) => Assert.Fail("Nobody joins here.");
    }
}
