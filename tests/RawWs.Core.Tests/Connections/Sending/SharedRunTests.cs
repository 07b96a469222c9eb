using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>What many are sent in a turn leaves from one piece of memory for all of them, and each is sent what is its own, in order.</summary>
public sealed class SharedRunTests
{
    private readonly ManualTurns _turns = new();

    [Fact]
    public async Task All_but_the_first_are_sent_from_the_same_memory()
    {
        await using var server = await GatedServer.StartAsync();
        var members = await OpenManyAsync(server, 4);

        for (var turn = 0; turn < 2; turn++)
            _turns.Take(() => BroadcastAll(server, $"{turn} one", $"{turn} two", $"{turn} three"));

        Assert.All(members, member => Assert.Equal(["0 one", "0 two", "0 three", "1 one", "1 two", "1 three"], member.Network.Texts));
        Assert.All(members[0].Network.Borrowed, borrowed => Assert.True(borrowed.IsEmpty));
        Assert.All(members[2..], member => Assert.Equal(members[1].Network.Borrowed, member.Network.Borrowed));
        Assert.All(members[1..], member => Assert.Equal([23, 23], member.Network.Borrowed.Select(borrowed => borrowed.Length)));
        Assert.Equal((24, 24, 0), (server.Published, server.Sent, server.Dropped));
    }

    [Fact]
    public async Task A_single_message_is_sent_from_where_it_lies_to_the_first_as_well()
    {
        await using var server = await GatedServer.StartAsync();
        var members = await OpenManyAsync(server, 3);

        _turns.Take(() => BroadcastAll(server, "alone"));

        Assert.All(members, member => Assert.Equal(["alone"], member.Network.Texts));
        Assert.All(members, member => Assert.Equal(members[0].Network.Borrowed.Single(), member.Network.Borrowed.Single()));
        Assert.Equal(7, members[0].Network.Borrowed.Single().Length);
    }

    [Fact]
    public async Task What_the_network_takes_later_is_what_was_sent_then()
    {
        await using var server = await GatedServer.StartAsync();
        var members = await OpenManyAsync(server, 3);
        var late = members[2];
        late.Network.Refuse();

        _turns.Take(() => BroadcastAll(server, "one", "two"));
        Assert.Equal(10, late.Connection.BufferedBytes);
        _turns.Take(() => BroadcastAll(server, "three", "four"));
        _turns.Take(() => BroadcastAll(server, "five"));
        late.Network.TakeAll();
        await late.Connection.WaitForDrainAsync();

        Assert.All(members, member => Assert.Equal(["one", "two", "three", "four", "five"], member.Network.Texts));
        Assert.Equal((15, 15, 0), (server.Published, server.Sent, server.Dropped));
        Assert.Equal(0, late.Connection.BufferedBytes);
    }

    [Fact]
    public async Task What_is_for_one_alone_comes_in_order_with_what_is_for_all()
    {
        await using var server = await GatedServer.StartAsync();
        var members = await OpenManyAsync(server, 5);

        _turns.Take(() =>
        {
            members[1].Connection.Send("before");
            BroadcastAll(server, "one");
            members[2].Connection.Send("between");
            server.Server.Everyone.Broadcast("two", except: members[3].Connection);
            BroadcastAll(server, "three");
            members[4].Connection.Send("behind");
        });

        Assert.Equal(
            [
                "one two three",
                "before one two three",
                "one between two three",
                "one three",
                "one two three behind",
            ],
            members.Select(member => string.Join(' ', member.Network.Texts)));
        Assert.All(members, member => Assert.Single(member.Network.Writes));
        Assert.Equal((17, 17), (server.Published, server.Sent));
    }

    [Fact]
    public async Task Who_compresses_with_what_was_sent_before_forgets_it_when_a_shared_run_comes_in_between()
    {
        await using var server = await GatedServer.StartAsync(options => (options.Compression, options.CompressionThreshold) = (CompressionMode.Dedicated, 0));
        var members = await OpenManyAsync(server, 3, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        var text = string.Concat(Enumerable.Range(0, 50).Select(number => $"{number * number} "));

        foreach (var member in members)
            await member.Connection.SendAsync(text);
        _turns.Take(() => BroadcastAll(server, text + "first ", text + "second "));
        foreach (var member in members)
            await member.Connection.SendAsync(text);

        Assert.All(members, member => Assert.Equal(text + text + "first " + text + "second " + text, Inflate(member.Network.Frames)));
        Assert.All(members, member => Assert.All(member.Network.Frames, frame => Assert.Equal(0xC1, frame.First)));
        Assert.False(members[2].Network.Borrowed[1].IsEmpty);
        Assert.Equal(members[1].Network.Borrowed[1], members[2].Network.Borrowed[1]);
    }

    private async Task<List<(GatedConnection Network, WebSocketConnection Connection)>> OpenManyAsync(GatedServer server, int count, string headers = "")
    {
        var members = new List<(GatedConnection, WebSocketConnection)>();
        while (members.Count < count)
            members.Add(await GatedConnection.OpenAsync(server, headers, _turns, canBorrow: true));

        return members;
    }

    private static void BroadcastAll(GatedServer server, params string[] texts)
    {
        foreach (var text in texts)
            Assert.Equal(0, server.Server.Everyone.Broadcast(text).Dropped);
    }

    // RFC 7692 §7.2.2: the end of each message lacks an empty block, and the window goes on.
    private static string Inflate(IEnumerable<WireFrame> frames)
    {
        var compressed = new MemoryStream([.. frames.SelectMany(frame => (byte[])[.. frame.Payload, 0, 0, 0xFF, 0xFF])]);
        using var inflated = new StreamReader(new System.IO.Compression.DeflateStream(compressed, System.IO.Compression.CompressionMode.Decompress));
        return inflated.ReadToEnd();
    }
}
