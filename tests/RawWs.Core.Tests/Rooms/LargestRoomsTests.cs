namespace RawWs.Tests.Rooms;

public sealed class LargestRoomsTests
{
    [Fact]
    public async Task The_largest_come_first_and_no_more_than_were_asked_for()
    {
        await using var server = await RoomServer.StartAsync();
        var peers = await server.OpenManyAsync(3);
        foreach (var (name, size) in ((string, int)[])[("one", 1), ("three", 3), ("b", 2), ("a", 2)])
        {
            foreach (var peer in peers.Take(size))
                server.Rooms[name].Join(peer.Connection);
        }

        Assert.Equal(["three", "a", "b", "one"], NamesOf(10));
        Assert.Equal(["three", "a"], NamesOf(2));
        Assert.Empty(NamesOf(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => server.Rooms.Largest(-1));

        string[] NamesOf(int count) => [.. server.Rooms.Largest(count).Select(room => room.Name)];
    }

    [Fact]
    public async Task A_room_counts_what_is_broadcast_to_it_until_it_vanishes()
    {
        await using var server = await RoomServer.StartAsync(options
            => options.RoomOptions = name => name == "kept" ? new RoomOptions { HistoryCount = 1, HistoryTimeout = TimeSpan.FromDays(1) } : null);
        var peer = await server.OpenAsync();
        var (lobby, kept) = (server.Rooms["lobby"], server.Rooms["kept"]);
        lobby.Broadcast("to nobody");
        Assert.Equal(0, lobby.MessageCount);

        lobby.Join(peer.Connection);
        lobby.Broadcast("one");
        server.Rooms["lobby", "kept"].Broadcast("two");
        kept.Broadcast("three");
        server.Server.Everyone.Broadcast("not to a room");
        Assert.Equal((2, 2), (lobby.MessageCount, kept.MessageCount));

        lobby.Leave(peer.Connection);
        Assert.Equal((0, 2), (lobby.MessageCount, kept.MessageCount));
    }
}
