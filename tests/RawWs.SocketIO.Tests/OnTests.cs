namespace RawWs.SocketIO.Tests;

/// <summary>Every form that a handler may have: it gets each value in its place, and what it returns is the answer.</summary>
public sealed class OnTests
{
    private readonly List<string> _heard = [];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_handler_of_any_form_gets_the_values_in_their_places_and_answers(int count)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        await using var _ = client;
        Subscribe(socket, count);
        var values = string.Concat(Enumerable.Range(1, count).Select(value => $",{value}"));
        var heard = string.Join(' ', Enumerable.Range(1, count));

        foreach (var (form, answer) in new[] { ("action", "[]"), ("task", "[]"), ("function", $"[\"{heard}\"]"), ("promise", $"[\"{heard}\"]") })
        {
            await client.SendAsync($"427[\"{form}\"{values}]");

            Assert.Equal("437" + answer, await client.ReadAsync());
            Assert.Equal($"{form} {heard}", _heard[^1]);
        }

        Assert.Equal(4, _heard.Count);
    }

    // A task goes on elsewhere before it has heard anything, so that an answer which does not wait for it comes too soon.
    private void Subscribe(SocketIOSocket socket, int count)
    {
        switch (count)
        {
            case 0:
                socket.On("action", () => { Hear("action"); });
                socket.On("task", async () => { await Task.Yield(); Hear("task"); });
                socket.On("function", () => Hear("function"));
                socket.On("promise", async () => { await Task.Yield(); return Hear("promise"); });
                break;
            case 1:
                socket.On("action", (int a) => { Hear("action", a); });
                socket.On("task", async (int a) => { await Task.Yield(); Hear("task", a); });
                socket.On("function", (int a) => Hear("function", a));
                socket.On("promise", async (int a) => { await Task.Yield(); return Hear("promise", a); });
                break;
            case 2:
                socket.On("action", (int a, int b) => { Hear("action", a, b); });
                socket.On("task", async (int a, int b) => { await Task.Yield(); Hear("task", a, b); });
                socket.On("function", (int a, int b) => Hear("function", a, b));
                socket.On("promise", async (int a, int b) => { await Task.Yield(); return Hear("promise", a, b); });
                break;
            case 3:
                socket.On("action", (int a, int b, int c) => { Hear("action", a, b, c); });
                socket.On("task", async (int a, int b, int c) => { await Task.Yield(); Hear("task", a, b, c); });
                socket.On("function", (int a, int b, int c) => Hear("function", a, b, c));
                socket.On("promise", async (int a, int b, int c) => { await Task.Yield(); return Hear("promise", a, b, c); });
                break;
            default:
                socket.On("action", (int a, int b, int c, int d) => { Hear("action", a, b, c, d); });
                socket.On("task", async (int a, int b, int c, int d) => { await Task.Yield(); Hear("task", a, b, c, d); });
                socket.On("function", (int a, int b, int c, int d) => Hear("function", a, b, c, d));
                socket.On("promise", async (int a, int b, int c, int d) => { await Task.Yield(); return Hear("promise", a, b, c, d); });
                break;
        }
    }

    private string Hear(string form, params int[] values)
    {
        var heard = string.Join(' ', values);
        _heard.Add($"{form} {heard}");
        return heard;
    }
}
