using System.Globalization;
using Microsoft.Playwright;
using RawWs.Testing;

namespace RawWs.Browser.Tests;

/// <summary>The page that the tutorial of Socket.IO ends with, unchanged, and our own, both with the official client for browsers.</summary>
public sealed class SocketIOPageTests(Chromium chromium) : IDisposable
{
    // https://socket.io/get-started/chat, without its style.
    private const string Tutorial = """
        <!DOCTYPE html>
        <html>
          <head>
            <meta name="viewport" content="width=device-width,initial-scale=1.0">
            <title>Socket.IO chat</title>
          </head>
          <body>
            <ul id="messages"></ul>
            <form id="form" action="">
              <input id="input" autocomplete="off" /><button>Send</button>
            </form>
            <script src="/socket.io/socket.io.js"></script>
            <script>
              const socket = io();

              const form = document.getElementById('form');
              const input = document.getElementById('input');
              const messages = document.getElementById('messages');

              form.addEventListener('submit', (e) => {
                e.preventDefault();
                if (input.value) {
                  socket.emit('chat message', input.value);
                  input.value = '';
                }
              });

              socket.on('chat message', (msg) => {
                const item = document.createElement('li');
                item.textContent = msg;
                messages.appendChild(item);
                window.scrollTo(0, document.body.scrollHeight);
              });
            </script>
          </body>
        </html>
        """;

    private static readonly string Client = Path.Combine(RepositoryRoot.Path, "tests", "interop", "socket.io-client", "node_modules", "socket.io-client", "dist");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-tutorial-");

    [Theory]
    [InlineData("io()")]
    [InlineData("io('/chat')")]
    public async Task Two_windows_of_the_tutorial_talk_over_a_WebSocket(string connect)
    {
        await using var rawws = await StartAsync(connect: connect);
        await using var alice = await SocketIOWindow.OpenAsync(chromium, rawws.Url);
        await using var bob = await SocketIOWindow.OpenAsync(chromium, rawws.Url);
        await alice.WaitForTransportAsync("websocket");
        await bob.WaitForTransportAsync("websocket");

        await alice.SayAsync("hello");
        await Assertions.Expect(bob.Said).ToHaveTextAsync(["hello"]);
        await bob.SayAsync("<b>hi</b> é😀");

        foreach (var window in (SocketIOWindow[])[alice, bob])
            await Assertions.Expect(window.Said).ToHaveTextAsync(["hello", "<b>hi</b> é😀"]);
    }

    [Theory]
    [InlineData("io()", false)]
    [InlineData("io()", true)]
    [InlineData("io('/chat')", true)]
    public async Task Where_WebSockets_are_blocked_they_talk_over_long_polling(string connect, bool isBobBlocked)
    {
        using var attempts = new SemaphoreSlim(0);
        await using var rawws = await StartAsync(connect: connect);
        await using var alice = await SocketIOWindow.OpenAsync(chromium, rawws.Url, route: Block);
        await using var bob = await SocketIOWindow.OpenAsync(chromium, rawws.Url, route: isBobBlocked ? Block : null);
        for (var blocked = 0; blocked < (isBobBlocked ? 2 : 1); blocked++)
            await attempts.WaitAsync(rawws.Deadline);

        await alice.WaitForTransportAsync("polling");
        await bob.WaitForTransportAsync(isBobBlocked ? "polling" : "websocket");

        await alice.SayAsync("hello");
        await Assertions.Expect(bob.Said).ToHaveTextAsync(["hello"]);
        await bob.SayAsync("hi");

        await Assertions.Expect(alice.Said).ToHaveTextAsync(["hello", "hi"]);
        await alice.WaitForTransportAsync("polling");

        void Block(IWebSocketRoute socket)
        {
            _ = socket.CloseAsync();
            attempts.Release();
        }
    }

    [Theory]
    [InlineData("io({ transports: ['polling'] })")]
    [InlineData("io('/chat', { transports: ['polling'] })")]
    public async Task Who_asks_for_long_polling_alone_talks_over_it(string connect)
    {
        await using var rawws = await StartAsync(connect: connect);
        await using var alice = await SocketIOWindow.OpenAsync(chromium, rawws.Url);
        await using var bob = await SocketIOWindow.OpenAsync(chromium, rawws.Url);
        await alice.WaitForTransportAsync("polling");
        await bob.WaitForTransportAsync("polling");

        await alice.SayAsync("hello");
        await Assertions.Expect(bob.Said).ToHaveTextAsync(["hello"]);
        await bob.SayAsync("hi");

        foreach (var window in (SocketIOWindow[])[alice, bob])
            await Assertions.Expect(window.Said).ToHaveTextAsync(["hello", "hi"]);
    }

    [Fact]
    public async Task What_is_said_while_the_server_restarts_arrives_in_order_and_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals that end the process are missing.");
        await using var first = await StartAsync();
        await using var alice = await SocketIOWindow.OpenAsync(chromium, first.Url);
        await alice.WaitForTransportAsync("websocket");
        await alice.SayAsync("before");
        await Assertions.Expect(alice.Said).ToHaveTextAsync(["before"]);

        await first.SignalAsync("KILL");
        await first.WaitForEndAsync();
        await alice.WaitForDisconnectAsync();
        string[] later = [.. Enumerable.Range(0, 20).Select(number => $"later {number}")];
        foreach (var text in later)
            await alice.SayAsync(text);

        await using var second = await StartAsync(first.Url.Port);
        await Assertions.Expect(alice.Said).ToHaveTextAsync(["before", .. later]);
    }

    [Fact]
    public async Task Our_own_page_does_the_same()
    {
        await using var rawws = await StartAsync();
        await using var alice = await SocketIOWindow.OpenAsync(chromium, rawws.Url, "/socketio");
        await using var bob = await SocketIOWindow.OpenAsync(chromium, rawws.Url, "/socketio");
        foreach (var window in (SocketIOWindow[])[alice, bob])
            await Assertions.Expect(window.Page.Locator("#state")).ToHaveTextAsync("Connected over websocket");

        await alice.SayAsync("<i>hello</i>");

        foreach (var window in (SocketIOWindow[])[alice, bob])
            await Assertions.Expect(window.Said).ToHaveTextAsync(["<i>hello</i>"]);
    }

    [Fact]
    public async Task Without_the_client_our_page_says_how_to_get_it()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--socketio");
        await using var window = await SocketIOWindow.OpenAsync(chromium, rawws.Url, "/socketio");

        await Assertions.Expect(window.Page.GetByText("--socketio-client node_modules/socket.io-client/dist")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.Locator("form")).ToBeHiddenAsync();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // How the page connects is the only word of it that changes.
    private async Task<RawwsProcess> StartAsync(int port = 0, string connect = "io()")
    {
        Assert.SkipUnless(Directory.Exists(Client), "The client for browsers is not here: npm ci in tests/interop/socket.io-client");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "index.html"), Tutorial.Replace("io()", connect, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        return await RawwsProcess.StartAsync(
            "--port", port.ToString(CultureInfo.InvariantCulture), "--socketio", "--socketio-client", Client, "--static", _folder.FullName);
    }
}
