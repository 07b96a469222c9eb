using Microsoft.Playwright;
using RawWs.SocketIO;
using RawWs.Testing;

namespace RawWs.Browser.Tests;

/// <summary>The official client for browsers of version 2, with what only browsers can do: to poll by scripts and forms (JSONP).</summary>
public sealed class LegacyClientTests(Chromium chromium)
{
    private const string Page = """
        <!DOCTYPE html>
        <ul id="messages"></ul>
        <form><input></form>
        <script src="/socket.io/socket.io.js"></script>
        <script>
          const socket = io({ transports: ['polling'], forceJSONP: location.hash === '#jsonp' });
          const say = (text) => {
            const item = document.createElement('li');
            item.textContent = text;
            messages.append(item);
          };
          socket.on('chat message', say);
          document.forms[0].onsubmit = (event) => {
            event.preventDefault();
            socket.emit('chat message', event.target[0].value, (answer) => say(`answer ${answer}`));
          };
        </script>
        """;

    private static readonly string Client = Path.Combine(RepositoryRoot.Path, "tests", "interop", "socket.io-client", "node_modules", "socket.io-client-2", "dist");

    [Fact]
    public async Task Polling_by_scripts_is_polling_too()
    {
        Assert.SkipUnless(Directory.Exists(Client), "The client for browsers is not here: npm ci in tests/interop/socket.io-client");
        await using var server = await LoopbackServer.StartAsync(map: core =>
        {
            var io = new SocketIOServer(core, new SocketIOServerOptions { AllowEio3 = true, ClientFolder = Client });
            io.OnConnection(socket => socket.On("chat message", async (string text) =>
            {
                await io.EmitAsync("chat message", text);
                return text.Length;
            }));
            core.MapGet("/", (_, _) => new(HttpResponse.Text(Page, "text/html; charset=utf-8")));
        });
        var url = new Uri($"http://{server.EndPoint}");
        await using var scripts = await SocketIOWindow.OpenAsync(chromium, url, "/#jsonp");
        await using var requests = await SocketIOWindow.OpenAsync(chromium, url);
        await scripts.WaitForTransportAsync("polling");
        await requests.WaitForTransportAsync("polling");
        Assert.True(await scripts.Page.EvaluateAsync<bool>("typeof ___eio !== 'undefined'"));
        Assert.False(await requests.Page.EvaluateAsync<bool>("typeof ___eio !== 'undefined'"));

        // All that a form or a script could take for something of its own.
        const string Text = "\"a\\n\" é😀 </script> &d=+%";
        await scripts.SayAsync(Text);

        await Assertions.Expect(scripts.Said).ToHaveTextAsync([Text, $"answer {Text.Length}"]);
        await Assertions.Expect(requests.Said).ToHaveTextAsync([Text]);
        await requests.SayAsync("hi");
        await Assertions.Expect(scripts.Said.Last).ToHaveTextAsync("hi");
    }
}
