using System.Net.WebSockets;
using System.Text;

namespace RawWs.Host.Tests;

public class RoomSessionTests
{
    [Fact]
    public async Task Broadcast_sends_everything_to_everybody_its_sender_included()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var alice = await rawws.ConnectAsync(At(rawws, "/broadcast"));
        using var bob = await rawws.ConnectAsync(At(rawws, "/broadcast"));

        // Whoever has had its own message back is a member, as is whoever comes after.
        await bob.AssertEchoAsync("bob is here", rawws.Deadline);
        await alice.SendAsync("hello", rawws.Deadline);
        Assert.Equal("hello", await TextAfterAsync(alice, rawws, "hello"));
        Assert.Equal("hello", Encoding.UTF8.GetString((await bob.ReceiveMessageAsync(rawws.Deadline)).Payload));
        await bob.SendAsync([1, 2, 3], rawws.Deadline);
        Assert.Equal((WebSocketMessageType.Binary, [1, 2, 3]), await alice.ReceiveMessageAsync(rawws.Deadline), Message.Comparer);
        Assert.Equal((WebSocketMessageType.Binary, [1, 2, 3]), await bob.ReceiveMessageAsync(rawws.Deadline), Message.Comparer);
    }

    [Fact]
    public async Task A_room_is_its_path_and_keeps_what_was_said()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--room-history", "2");
        using var alice = await rawws.ConnectAsync(At(rawws, "/rooms/a"));
        using var bob = await rawws.ConnectAsync(At(rawws, "/rooms/b"));
        foreach (var text in (string[])["one", "two", "three"])
            await alice.AssertEchoAsync(text, rawws.Deadline);

        await bob.AssertEchoAsync("elsewhere", rawws.Deadline);
        using var carol = await rawws.ConnectAsync(At(rawws, "/rooms/a"));
        await carol.SendAsync("four", rawws.Deadline);

        foreach (var text in (string[])["two", "three", "four"])
            Assert.Equal(text, Encoding.UTF8.GetString((await carol.ReceiveMessageAsync(rawws.Deadline)).Payload));
    }

    [Fact]
    public async Task A_name_that_is_too_long_closes_with_1008()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var client = await rawws.ConnectAsync(At(rawws, "/rooms/" + new string('x', 250)));

        Assert.Equal(WebSocketMessageType.Close, (await client.ReceiveMessageAsync(rawws.Deadline)).Type);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "the name of the room is too long"), (client.CloseStatus, client.CloseStatusDescription));
    }

    [Fact]
    public async Task One_room_too_many_closes_with_1013()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--max-rooms", "1");
        using var alice = await rawws.ConnectAsync(At(rawws, "/rooms/a"));
        await alice.AssertEchoAsync("first", rawws.Deadline);
        using var bob = await rawws.ConnectAsync(At(rawws, "/rooms/b"));

        Assert.Equal(WebSocketMessageType.Close, (await bob.ReceiveMessageAsync(rawws.Deadline)).Type);
        Assert.Equal((WebSocketCloseStatus)1013, bob.CloseStatus);
        await alice.AssertEchoAsync("still here", rawws.Deadline);
    }

    [Theory]
    [InlineData("1001")]
    [InlineData("1012")]
    public async Task A_signal_closes_everybody_with_the_code_that_was_asked_for(string code)
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--drain-code", code, "--drain-window", "0.1");
        using var echo = await rawws.ConnectAsync();
        using var room = await rawws.ConnectAsync(At(rawws, "/rooms/a"));
        await echo.AssertEchoAsync("here", rawws.Deadline);
        await room.AssertEchoAsync("here", rawws.Deadline);

        await rawws.SignalAsync("TERM");

        foreach (var client in (ClientWebSocket[])[echo, room])
        {
            Assert.Equal(WebSocketMessageType.Close, (await client.ReceiveMessageAsync(rawws.Deadline)).Type);
            Assert.Equal(code, ((int)client.CloseStatus!).ToString(System.Globalization.CultureInfo.InvariantCulture));
            await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, rawws.Deadline);
        }

        Assert.Equal(ExitCode.Success, (await rawws.WaitForEndAsync()).ExitCode);
    }

    private static Uri At(RawwsProcess rawws, string path) => new UriBuilder(rawws.Url) { Path = path }.Uri;

    // What others said before it joined or meanwhile is passed over.
    private static async Task<string> TextAfterAsync(ClientWebSocket client, RawwsProcess rawws, string wanted)
    {
        while (true)
        {
            var text = Encoding.UTF8.GetString((await client.ReceiveMessageAsync(rawws.Deadline)).Payload);
            if (text == wanted)
                return text;
        }
    }

    private static class Message
    {
        public static readonly IEqualityComparer<(WebSocketMessageType Type, byte[] Payload)> Comparer = EqualityComparer<(WebSocketMessageType Type, byte[] Payload)>.Create(
            (x, y) => x.Type == y.Type && x.Payload.AsSpan().SequenceEqual(y.Payload));
    }
}
