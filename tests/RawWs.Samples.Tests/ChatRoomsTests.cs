using System.Net.WebSockets;

namespace RawWs.Samples.Tests;

public sealed class ChatRoomsTests
{
    [Fact]
    public async Task Who_joins_learns_what_was_said_and_who_is_here_and_the_others_learn_of_it()
    {
        await using var chat = await SampleProcess.StartAsync("ChatRooms");
        using var ada = await chat.ConnectAsync(Lobby(chat, "Ada"));
        Assert.Equal("""{"type":"here","names":["Ada"]}""", await chat.ReadTextAsync(ada));

        await chat.SendTextAsync(ada, "hello?");
        Assert.Equal("""{"type":"said","name":"Ada","text":"hello?"}""", await chat.ReadTextAsync(ada));

        using (var ben = await chat.ConnectAsync(Lobby(chat, "Ben")))
        {
            Assert.Equal("""{"type":"said","name":"Ada","text":"hello?"}""", await chat.ReadTextAsync(ben));
            Assert.Equal("""{"type":"here","names":["Ada","Ben"]}""", await chat.ReadTextAsync(ben));
            Assert.Equal("""{"type":"joined","name":"Ben"}""", await chat.ReadTextAsync(ada));

            await chat.SendTextAsync(ben, "hello!");
            Assert.Equal("""{"type":"said","name":"Ben","text":"hello!"}""", await chat.ReadTextAsync(ada));
        }

        Assert.Equal("""{"type":"left","name":"Ben"}""", await chat.ReadTextAsync(ada));
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_name()
    {
        await using var chat = await SampleProcess.StartAsync("ChatRooms");
        using var client = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };

        await Assert.ThrowsAsync<WebSocketException>(() => client.ConnectAsync(new Uri(chat.Url, "/rooms/lobby"), chat.Deadline));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, client.HttpStatusCode);
    }

    private static Uri Lobby(SampleProcess chat, string name) => new(chat.Url, $"/rooms/lobby?name={name}");
}
