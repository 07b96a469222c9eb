using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace RawWs.Host.Tests;

/// <summary>The events of docs/chat.md, between clients of the running program.</summary>
public sealed class ChatTests
{
    [Fact]
    public async Task Whoever_joins_is_told_who_is_here_and_the_others_are_told_who_comes_and_goes()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var alice = await ChatClient.ConnectAsync(rawws, "lobby");
        await alice.SendAsync(new JsonObject { ["type"] = "join", ["name"] = "Ålice" });
        var first = await alice.ReceiveAsync("welcome");
        Assert.Equal("lobby", (string?)first["room"]);
        Assert.Equal([((long)first["member"]!, "Ålice")], Here(first));

        var bob = await ChatClient.ConnectAsync(rawws, "lobby");
        await bob.SendAsync(new JsonObject { ["type"] = "join", ["name"] = "Bob" });
        var second = await bob.ReceiveAsync("welcome");
        Assert.Equal([((long)first["member"]!, "Ålice"), ((long)second["member"]!, "Bob")], Here(second));
        Assert.Equal((string?)first["server"], (string?)second["server"]);

        var joined = await alice.ReceiveAsync("joined");
        Assert.Equal(((long)second["member"]!, "Bob"), ((long)joined["member"]!, (string?)joined["name"]));

        await bob.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, rawws.Deadline);
        bob.Dispose();
        var left = await alice.ReceiveAsync("left");
        Assert.Equal(((long)second["member"]!, "Bob"), ((long)left["member"]!, (string?)left["name"]));
    }

    [Fact]
    public async Task A_message_goes_to_everybody_in_its_room_and_confirms_itself_to_its_sender()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        var (alice, member) = await ChatClient.JoinAsync(rawws, "lobby", "Alice");
        var (bob, _) = await ChatClient.JoinAsync(rawws, "lobby", "Bob");
        var (elsewhere, _) = await ChatClient.JoinAsync(rawws, "attic", "Eve");
        using (alice)
        using (bob)
        using (elsewhere)
        {
            await alice.ReceiveAsync("joined");
            const string Text = "<b>\"hello\"</b> \u2028 日本 🎉\n\0";
            await alice.SayAsync("m-1", Text);

            foreach (var client in (ChatClient[])[alice, bob])
            {
                var message = await client.ReceiveAsync("message");
                Assert.Equal(("m-1", member, "Alice", Text), ((string?)message["id"], (long)message["member"]!, (string?)message["name"], (string?)message["text"]));
                Assert.True(DateTimeOffset.TryParse((string?)message["time"], CultureInfo.InvariantCulture, out _));
            }

            // What comes next there is its own, and not what was said here.
            await elsewhere.SayAsync("m-2", "anybody?");
            Assert.Equal("m-2", (string?)(await elsewhere.ReceiveAsync("message"))["id"]);
        }
    }

    [Fact]
    public async Task What_is_sent_again_is_said_once_and_confirmed_again()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        var (alice, _) = await ChatClient.JoinAsync(rawws, "lobby", "Alice");
        using var stillOpen = alice;
        await alice.SayAsync("m-1", "hello");
        await alice.ReceiveAsync("message");

        // Another connection, as after a break that the server has not noticed yet; the history tells it before the welcome.
        using var again = await ChatClient.ConnectAsync(rawws, "lobby");
        await again.SendAsync(new JsonObject { ["type"] = "join", ["name"] = "Alice" });
        Assert.Equal("m-1", (string?)(await again.ReceiveAsync("message"))["id"]);
        await again.ReceiveAsync("welcome");
        await again.SayAsync("m-1", "hello");
        Assert.Equal("m-1", (string?)(await again.ReceiveAsync("ack"))["id"]);

        // The same id in another room is another message.
        var (other, _) = await ChatClient.JoinAsync(rawws, "attic", "Alice");
        using (other)
        {
            await other.SayAsync("m-1", "hello");
            await other.ReceiveAsync("message");
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(2, "--room-history", "2")]
    [InlineData(0, "--room-history", "0")]
    public async Task The_last_messages_are_kept_for_those_who_join(int expected, params string[] options)
    {
        await using var rawws = await RawwsProcess.StartAsync(["--port", "0", .. options]);
        var (alice, _) = await ChatClient.JoinAsync(rawws, "lobby", "Alice");
        using (alice)
        {
            for (var i = 1; i <= 101; i++)
            {
                await alice.SayAsync($"m-{i}", "hello");
                await alice.ReceiveAsync("message");
            }

            using var bob = await ChatClient.ConnectAsync(rawws, "lobby");
            await bob.SendAsync(new JsonObject { ["type"] = "join", ["name"] = "Bob" });
            for (var i = 101 - expected + 1; i <= 101; i++)
                Assert.Equal($"m-{i}", (string?)(await bob.ReceiveAsync("message"))["id"]);

            await bob.ReceiveAsync("welcome");
        }
    }

    [Fact]
    public async Task A_ping_is_answered_before_and_after_joining()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var client = await ChatClient.ConnectAsync(rawws, "lobby");

        await client.SendAsync(new JsonObject { ["type"] = "ping" });
        Assert.Null((await client.ReceiveAsync("pong"))["id"]);
        await client.SendAsync(new JsonObject { ["type"] = "join", ["name"] = "Alice" });
        await client.ReceiveAsync("welcome");
        await client.SendAsync(new JsonObject { ["type"] = "ping", ["id"] = "7" });
        Assert.Equal("7", (string?)(await client.ReceiveAsync("pong"))["id"]);
    }

    [Theory]
    [InlineData("", "invalid-json")]
    [InlineData("hello", "invalid-json")]
    [InlineData("null", "invalid-json")]
    [InlineData("[]", "invalid-json")]
    [InlineData("7", "invalid-json")]
    [InlineData("""{"type":"ping"} {}""", "invalid-json")]
    [InlineData("""{"type":"ping","type":"join"}""", "invalid-json")]
    [InlineData("""{"type":7}""", "invalid-json")]
    [InlineData("""{"type":"join","name":{}}""", "invalid-json")]
    [InlineData("""{"type":"join","name":"\ud800"}""", "invalid-json")]
    [InlineData("""{"type":"ping","more":[[[[[[]]]]]]}""", "invalid-json")]
    [InlineData("{}", "unknown-type")]
    [InlineData("""{"type":"welcome"}""", "unknown-type")]
    [InlineData("""{"type":"message","id":"1","text":"hello"}""", "not-joined")]
    [InlineData("""{"type":"message","text":"hello"}""", "invalid-id")]
    [InlineData("""{"type":"ping","id":""}""", "invalid-id")]
    [InlineData("""{"type":"join"}""", "invalid-name")]
    [InlineData("""{"type":"join","name":" "}""", "invalid-name")]
    [InlineData("""{"type":"join","name":"a\nb"}""", "invalid-name")]
    [InlineData("""{"type":"join","name":"123456789012345678901234567890123"}""", "invalid-name")]
    public async Task What_can_not_be_taken_is_answered_and_costs_nothing_else(string sent, string code)
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var client = await ChatClient.ConnectAsync(rawws, "lobby");

        await client.AssertRefusedAsync(sent, code);

        await client.SendAsync(new JsonObject { ["type"] = "join", ["name"] = "12345678901234567890123456789012" });
        await client.ReceiveAsync("welcome");
    }

    [Fact]
    public async Task What_a_member_can_not_say_is_answered_with_its_id()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        var (alice, _) = await ChatClient.JoinAsync(rawws, "lobby", "Alice");
        using (alice)
        {
            foreach (var text in (string[])["", " \n", new string('x', ChatLimits.MaxTextLength + 1)])
            {
                await alice.SayAsync("m-1", text);
                var error = await alice.ReceiveAsync("error");
                Assert.Equal(("invalid-text", "m-1"), ((string?)error["code"], (string?)error["id"]));
            }

            await alice.AssertRefusedAsync("""{"type":"join","name":"Bob"}""", "already-joined");
            await alice.AssertRefusedAsync($$"""{"type":"message","text":"x","id":"{{new string('i', ChatLimits.MaxIdLength + 1)}}"}""", "invalid-id");
            await alice.AssertRefusedAsync(new string(' ', ChatLimits.MaxEventSize + 1), "too-large");
            await alice.Socket.SendAsync([1, 2, 3], rawws.Deadline);
            Assert.Equal("not-text", (string?)(await alice.ReceiveAsync("error"))["code"]);

            // The longest text, in the longest way to write it.
            var longest = string.Concat(Enumerable.Repeat("\\u65e5", ChatLimits.MaxTextLength));
            await alice.Socket.SendAsync($$"""{"type":"message","id":"m-1","text":"{{longest}}"}""", rawws.Deadline);
            Assert.Equal(new string('日', ChatLimits.MaxTextLength), (string?)(await alice.ReceiveAsync("message"))["text"]);
        }
    }

    [Fact]
    public async Task A_room_with_a_long_name_is_refused_with_an_event_and_1008()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        var (longest, _) = await ChatClient.JoinAsync(rawws, new string('x', ChatLimits.MaxRoomLength), "Alice");
        longest.Dispose();
        using var client = await ChatClient.ConnectAsync(rawws, new string('x', ChatLimits.MaxRoomLength + 1));

        Assert.Equal("invalid-room", (string?)(await client.ReceiveAsync("error"))["code"]);
        Assert.Equal(WebSocketMessageType.Close, (await client.Socket.ReceiveMessageAsync(rawws.Deadline)).Type);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, client.Socket.CloseStatus);
    }

    [Fact]
    public async Task A_room_takes_a_thousand_and_tells_whoever_comes_then()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--log-level", "none");
        var crowd = new List<ChatClient>();
        try
        {
            for (var count = 0; count < 1_000; count++)
                crowd.Add((await ChatClient.JoinAsync(rawws, "lobby", $"Guest {count}")).Client);

            using var late = await ChatClient.ConnectAsync(rawws, "lobby");
            await late.AssertRefusedAsync("""{"type":"join","name":"Late"}""", "room-full");
            Assert.Equal(WebSocketMessageType.Close, (await late.Socket.ReceiveMessageAsync(rawws.Deadline)).Type);
            Assert.Equal(1013, (int?)late.Socket.CloseStatus);

            // As soon as somebody has left there is a place again.
            await crowd[0].Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, rawws.Deadline);
            while ((string?)(await crowd[1].ReceiveAsync())["type"] != "left")
            {
                // Before that it is told of all who have joined.
            }

            crowd.Add((await ChatClient.JoinAsync(rawws, "lobby", "In time")).Client);
        }
        finally
        {
            crowd.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Who_does_not_ask_for_the_chat_is_in_another_room_of_the_same_path()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        var (alice, _) = await ChatClient.JoinAsync(rawws, "lobby", "Alice");
        using var plain = await rawws.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/rooms/lobby" }.Uri);
        using (alice)
        {
            await plain.AssertEchoAsync("as it is", rawws.Deadline);
            await alice.SayAsync("m-1", "hello");
            await alice.ReceiveAsync("message");
            await plain.AssertEchoAsync("still", rawws.Deadline);
        }
    }

    private static (long Member, string? Name)[] Here(JsonObject welcome)
        => [.. welcome["here"]!.AsArray().Select(member => ((long)member!["member"]!, (string?)member["name"])).Order()];
}
