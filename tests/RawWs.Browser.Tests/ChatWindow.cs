using Microsoft.Playwright;

namespace RawWs.Browser.Tests;

/// <summary>The page of the chat in a window, and what somebody does and sees there.</summary>
internal sealed class ChatWindow : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

    private ChatWindow(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        Page.PageError += (_, error) => _errors.Add(error);
        Page.Dialog += (_, dialog) => _errors.Add($"a dialog: {dialog.Message}");
        Page.Console += (_, message) =>
        {
            // What the network can't do is no fault of the page.
            if (message.Type == "error" && !message.Text.Contains("WebSocket connection", StringComparison.Ordinal))
                _errors.Add(message.Text);
        };
    }

    public IPage Page { get; }

    /// <summary>What has been said, and is not waiting any more.</summary>
    public ILocator Said => Page.Locator("#messages .message:not(.pending) .body");

    /// <summary>What waits to be sent.</summary>
    public ILocator Waiting => Page.Locator("#messages .message.pending .body");

    public ILocator Notices => Page.Locator("#messages .notice");

    public ILocator Here => Page.Locator("#here bdi");

    public ILocator State => Page.Locator("#state");

    public ILocator Text => Page.GetByLabel("Message", new() { Exact = true });

    /// <summary>Opens a window on the page, before anybody has said who they are.</summary>
    /// <param name="chromium">The browser.</param>
    /// <param name="rawws">The server.</param>
    /// <param name="options">How large it is, and which colours it likes.</param>
    /// <param name="route">What is to be done to the page's WebSockets.</param>
    public static async Task<ChatWindow> OpenAsync(
        Chromium chromium, Uri rawws, BrowserNewContextOptions? options = null, Action<IWebSocketRoute>? route = null)
    {
        var context = await chromium.NewContextAsync(options);
        var window = new ChatWindow(context, await context.NewPageAsync());
        if (route is not null)
            await window.Page.RouteWebSocketAsync("**/rooms/*", route);

        await window.Page.GotoAsync(new UriBuilder(rawws) { Scheme = rawws.Scheme is "wss" or "https" ? "https" : "http", Path = "/" }.Uri.ToString());
        return window;
    }

    /// <summary>Opens a window, says who it is, and waits until it has joined.</summary>
    public static async Task<ChatWindow> JoinAsync(Chromium chromium, Uri rawws, string name, BrowserNewContextOptions? options = null)
    {
        var window = await OpenAsync(chromium, rawws, options);
        await window.EnterAsync(name);
        await window.AssertConnectedAsync();
        return window;
    }

    public async Task EnterAsync(string name)
    {
        await Page.GetByLabel("Your name").FillAsync(name);
        await Page.GetByLabel("Your name").PressAsync("Enter");
    }

    public async Task SayAsync(string text)
    {
        await Text.FillAsync(text);
        await Text.PressAsync("Enter");
    }

    public Task AssertConnectedAsync() => Assertions.Expect(State).ToHaveTextAsync("Connected");

    /// <summary>All of it has been said, each once, in any order, and nothing else; and nothing waits.</summary>
    public async Task AssertSaidAsync(IReadOnlyCollection<string> texts)
    {
        string[] expected = [.. texts.Order(StringComparer.Ordinal)];
        try
        {
            // All in one look: between two, the page may have been drawn anew.
            await Page.WaitForFunctionAsync(
                """
                expected => {
                    const all = [...document.querySelectorAll('#messages .message')];
                    const said = all.map(message => message.querySelector('.body').textContent).sort();
                    return !all.some(message => message.classList.contains('pending')) && JSON.stringify(said) === JSON.stringify(expected);
                }
                """,
                expected);
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, (await Said.AllTextContentsAsync()).Order(StringComparer.Ordinal));
            await Assertions.Expect(Waiting).ToHaveCountAsync(0);
            throw;
        }
    }

    /// <summary>Closes the window, in which nothing has gone wrong.</summary>
    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_errors);
    }
}
