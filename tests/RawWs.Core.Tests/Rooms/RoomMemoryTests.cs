using System.Diagnostics;
using System.Reflection;
using RawWs.Testing;

namespace RawWs.Tests.Rooms;

/// <summary>What rooms keep, and what they allocate.</summary>
[Collection(AloneCollection.Name)]
public sealed class RoomMemoryTests
{
    // Who is in a hundred rooms costs what the hundred rooms keep of it; the rooms themselves are shared by all.
    [Theory]
    [InlineData(1_000)]
    [InlineData(1_100)]
    public async Task A_membership_costs_at_most_64_bytes_and_gives_them_back(int count)
    {
        const int RoomCount = 100;
        await using var server = await RoomServer.StartAsync();
        var peers = await server.OpenManyAsync(count);
        var rooms = Enumerable.Range(0, RoomCount).Select(number => server.Rooms[$"room {number}"]).ToArray();
        foreach (var peer in peers)
            server.Rooms["first"].Join(peer.Connection);

        // Pools take memory and let it go meanwhile, for what other tests have left: what a membership itself costs, it costs at every attempt.
        var (each, left) = await MeasureAsync(peers, rooms);
        for (var attempt = 1; attempt < 5 && (each is < 1 or > 64 || left is < -64 or > 8); attempt++)
            (each, left) = await MeasureAsync(peers, rooms);

        Assert.InRange(each, 1, 64);
        Assert.InRange(left, -64, 8); // The clients' buffers.
        GC.KeepAlive(peers);
    }

    // But for the table in which rooms are looked up, which stays as large as it has ever been: a place of 8 bytes, of which there are at most three for a room.
    [Fact]
    public async Task A_hundred_thousand_rooms_leave_no_memory_when_they_are_left()
    {
        const int RoomCount = 100_000;
        await using var server = await RoomServer.StartAsync(options =>
        {
            options.MaxRoomsPerConnection = RoomCount;
            options.RoomOptions = name => name.EndsWith('0') ? new RoomOptions { HistoryCount = 1, HistoryTimeout = TimeSpan.FromSeconds(1) } : null;
        });
        await using var alice = await server.OpenAsync();
        var (joined, left) = (0, 0);
        server.Rooms.Joined += (_, _) => joined++;
        server.Rooms.Left += (_, _) => left++;
        var before = LiveMemory.Measure();

        for (var number = 0; number < RoomCount; number++)
        {
            server.Rooms[$"room {number}"].Join(alice.Connection);
            if (number % 10 == 0)
                server.Rooms[$"room {number}"].Broadcast("");
        }

        Assert.Equal((RoomCount, RoomCount), (server.Rooms.Count, joined));
        await alice.ReadAsync(RoomCount / 10);
        alice.Connection.Abort();
        await Eventually.HoldsAsync(() => left == RoomCount && server.Server.ConnectionCount == 0);
        Assert.Equal(RoomCount / 10, server.Rooms.Count);
        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, server.Rooms.Count);
        server.Log.Clear();

        // The thread that has told of the last may not be quite done.
        await Eventually.HoldsAsync(() => (LiveMemory.Measure() - before) / RoomCount < 24);
    }

    [Fact]
    public async Task A_broadcast_to_readers_that_keep_up_allocates_nothing_per_member()
    {
        // In a Debug build the compiler makes an object of every asynchronous method.
        var isDebugBuild = typeof(WebSocketServer).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true };
        Assert.SkipWhen(isDebugBuild, "What is allocated is told by a Release build: dotnet test --configuration Release");

        const int Count = 200;
        await using var server = await RoomServer.StartAsync();
        var peers = await server.OpenManyAsync(100, capacity: 64 * 1024);
        foreach (var peer in peers)
            server.Rooms["lobby"].Join(peer.Connection);

        var (lobby, message) = (server.Rooms["lobby"], PreparedMessage.FromText("hello"));
        lobby.Broadcast(message);
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var number = 0; number < Count; number++)
                lobby.Broadcast(message);

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // What carries one broadcast through all its members, and the memory of the pipes.
        Assert.InRange(least / Count, 0, 100 * 16);
    }

    /// <returns>What each membership costs, and what is left of each when all have left.</returns>
    private static async Task<(double Each, double Left)> MeasureAsync(Peer[] peers, Room[] rooms)
    {
        var before = LiveMemory.Measure();
        foreach (var peer in peers)
        {
            foreach (var room in rooms)
                room.Join(peer.Connection);
        }

        // With the array through which a broadcast goes.
        foreach (var room in rooms)
            Assert.Equal(peers.Length, room.Broadcast("one").Recipients);

        foreach (var peer in peers)
            await peer.ReadAsync(rooms.Length);

        var each = (LiveMemory.Measure() - before) / (double)(peers.Length * rooms.Length);
        foreach (var peer in peers)
        {
            foreach (var room in rooms)
                room.Leave(peer.Connection);
        }

        return (each, (LiveMemory.Measure() - before) / (double)(peers.Length * rooms.Length));
    }
}
