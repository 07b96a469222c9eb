using RawWs.Redis.Rooms;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>A node that has said that it ends says nothing any more: by that others would take it for alive again.</summary>
public sealed class GoneTests
{
    private const string Nodes = "{rawws}:rooms:nodes", Presence = "{rawws}:rooms:presence";

    private readonly NodeId _other = NodeId.New();

    [Fact]
    public async Task Whoever_asks_a_node_behind_its_end_is_not_answered()
    {
        await using var redis = new ScriptedClient(static _ => RespValue.Null);
        var backplane = new RedisRoomBackplane(redis, Options());
        await backplane.StartAsync(new Receiver(), CancellationToken.None);
        redis.OnPublishedAsync = message =>
        {
            // On the way while the node ends.
            if (message.Channel == Nodes && IsGone(message))
                redis.Say(new RedisMessage(Nodes, new NodeMessage(NodeMessageKind.Question, _other, 1, "a").Write()));

            return Task.CompletedTask;
        };

        await backplane.DisposeAsync();

        Assert.True(IsGone(redis.Published.Last(static message => message.Channel == Nodes)));
    }

    [Fact]
    public async Task What_is_left_of_a_long_answer_when_a_node_ends_is_not_said()
    {
        await using var redis = new ScriptedClient(static _ => RespValue.Null);
        var backplane = new RedisRoomBackplane(redis, Options());
        await backplane.StartAsync(new Receiver(), CancellationToken.None);
        var (begun, confirmed) = (new TaskCompletionSource(), new TaskCompletionSource());
        redis.OnPublishedAsync = message =>
        {
            if (!IsAnswer(message))
                return Task.CompletedTask;

            begun.TrySetResult();
            return confirmed.Task;
        };
        redis.Say(Question());
        await begun.Task;

        await backplane.DisposeAsync();

        // On a thread that goes on with the answer at once.
        await Task.Run(confirmed.SetResult);
        var said = redis.Published.Where(static message => message.Channel == Presence).ToList();
        Assert.Single(said, IsAnswer);
        Assert.True(IsGone(said[^1]));
    }

    [Fact]
    public async Task Whoever_ends_a_node_that_is_ending_waits_until_it_has_said_so()
    {
        await using var redis = new ScriptedClient(static _ => RespValue.Null);
        var backplane = new RedisRoomBackplane(redis, Options());
        await backplane.StartAsync(new Receiver(), CancellationToken.None);
        var (begun, confirmed) = (new TaskCompletionSource(), new TaskCompletionSource());
        redis.OnPublishedAsync = message =>
        {
            if (message.Channel != Nodes || !IsGone(message))
                return Task.CompletedTask;

            begun.TrySetResult();
            return confirmed.Task;
        };

        // A server that stops waits for it no longer than until its deadline; whoever made the client wants to dispose it behind the last word.
        var byServer = backplane.DisposeAsync().AsTask();
        await begun.Task;
        var byOwner = backplane.DisposeAsync().AsTask();
        Assert.False(byOwner.IsCompleted);

        confirmed.SetResult();
        await byServer;
        await byOwner;
    }

    [Fact]
    public async Task A_node_says_that_it_ends_also_while_another_connection_than_that_to_its_channels_is_away()
    {
        await using var redis = new ScriptedClient(static _ => RespValue.Null) { IsConnected = false };
        var backplane = new RedisRoomBackplane(redis, Options());
        await backplane.StartAsync(new Receiver(), CancellationToken.None);

        await backplane.DisposeAsync();

        Assert.All((string[])[Nodes, Presence], channel => Assert.True(IsGone(redis.Published.Last(message => message.Channel == channel))));
    }

    [Fact]
    public async Task A_node_that_ends_while_it_begins_leaves_no_subscription()
    {
        await using var redis = new ScriptedClient(static _ => RespValue.Null);
        var backplane = new RedisRoomBackplane(redis, Options());
        var ended = false;
        redis.OnSubscribed = () =>
        {
            // On another thread, as a server that stops while its backplane is being started.
            redis.OnSubscribed = static () => { };
            ended = Task.Run(async () => await backplane.DisposeAsync()).Wait(TimeSpan.FromSeconds(60));
        };

        await backplane.StartAsync(new Receiver(), CancellationToken.None);

        Assert.Equal((true, 0), (ended, redis.SubscriptionCount));
    }

    private static RedisBackplaneOptions Options() => new() { TimeProvider = new ManualTimeProvider() };

    private RedisMessage Question() => new(Presence, PresenceWriter.Question(_other, 1, 100, "a"));

    private static bool IsAnswer(RedisMessage message) => PresenceReader.TryRead(message.Payload.Span, out var said) && said is PresenceMessage.Answer;

    private static bool IsGone(RedisMessage message)
        => message.Channel == Nodes
            ? NodeMessage.TryRead(message.Payload.Span, out var said) && said.Kind == NodeMessageKind.Gone
            : PresenceReader.TryRead(message.Payload.Span, out var told) && told is PresenceMessage.Gone;

    private sealed class Receiver : IRoomReceiver
    {
        // In two parts.
        public IReadOnlyList<RoomMember> ReadMembers(string room, int maxCount) => [.. Enumerable.Range(0, 20).Select(static number => new RoomMember(number, new string('x', 4_000)))];

        public int CountMembers(string? room) => 20;

        public void Deliver(RoomPublication publication) => Assert.Fail("Nothing is said here.");

        public void ReportLoss() => Assert.Fail("Nothing is missing here.");

        public void DeliverPresence(string room, RoomMember member, bool hasJoined) => Assert.Fail("Nobody joins here.");
    }
}
