using System.Collections.Concurrent;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>A node whose server is played by the test: a backplane, and the members that it is told of.</summary>
internal sealed class PresenceNode : IRoomReceiver, IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Room, long Id), string?> _members = [];
    private readonly ConcurrentQueue<string> _told = new();
    private readonly IRedisClient _client;

    private PresenceNode(RedisOptions redis, RedisBackplaneOptions options)
    {
        _client = redis.CreateClient();
        Backplane = new RedisRoomBackplane(_client, options);
    }

    public RedisRoomBackplane Backplane { get; }

    /// <summary>What members here were told of other nodes: <c>+Ada</c> has joined, <c>-Ada</c> has left.</summary>
    public string[] Told => [.. _told];

    /// <summary>Starts one, and waits until it is connected to others.</summary>
    public static async Task<PresenceNode> StartAsync(RedisOptions redis, RedisBackplaneOptions options)
    {
        var node = await StartUnconnectedAsync(redis, options);
        await Eventually.HoldsAsync(() => node.Backplane.IsConnected);
        return node;
    }

    /// <summary>Starts one.</summary>
    public static async Task<PresenceNode> StartUnconnectedAsync(RedisOptions redis, RedisBackplaneOptions options)
    {
        var node = new PresenceNode(redis, options);
        await node.Backplane.StartAsync(node, CancellationToken.None);
        return node;
    }

    /// <summary>Somebody joins a room that shares its presence, or is said something else about.</summary>
    public void Join(long id, string? info, string room = "a")
    {
        _members[(room, id)] = info;
        Backplane.PublishPresence(room, new RoomMember(id, info), hasJoined: true);
    }

    public void Leave(long id, string room = "a")
    {
        _members.Remove((room, id), out var info);
        Backplane.PublishPresence(room, new RoomMember(id, info), hasJoined: false);
    }

    /// <summary>Somebody joins a room that does not share its presence.</summary>
    public void JoinUnshared(long id, string? info, string room) => _members[(room, id)] = info;

    /// <summary>Who is in a room on other nodes, as far as this one knows.</summary>
    public string[] Elsewhere(string room = "a") => [.. Backplane.ReadPresence(room).Select(member => member.Info ?? "").Order(StringComparer.Ordinal)];

    /// <summary>Waits until these are in the room on other nodes, and nobody else.</summary>
    public Task SeesAsync(params string[] names) => Eventually.HoldsAsync(() => Elsewhere().SequenceEqual(names));

    /// <summary>Waits until an answer has come from so many nodes, and from all that live.</summary>
    public async Task<MemberList> FetchAsync(int nodes, string room = "a", int maxCount = 1_000)
    {
        await Eventually.HoldsAsync(() => Backplane.NodeCount == nodes);
        while (true)
        {
            // That a node lives is said on two channels, and may have been heard on one of them so far.
            if (await Backplane.FetchMembersAsync(room, maxCount) is { IsPartial: false } list && list.Nodes == nodes)
                return list;
        }
    }

    public int CountMembers(string? room) => _members.Keys.Count(member => member.Room == room);

    public IReadOnlyList<RoomMember> ReadMembers(string room, int maxCount)
        => [.. _members.Where(member => member.Key.Room == room).Take(maxCount).Select(member => new RoomMember(member.Key.Id, member.Value))];

    public void DeliverPresence(string room, RoomMember member, bool hasJoined) => _told.Enqueue($"{(hasJoined ? '+' : '-')}{member.Info}");

    public void Deliver(RoomPublication publication) => Assert.Fail("Nothing is said here.");

    public void ReportLoss()
    {
        // Nothing is said, and nothing that is can be missing.
    }

    public async ValueTask DisposeAsync()
    {
        await Backplane.DisposeAsync();
        await _client.DisposeAsync();
    }
}
