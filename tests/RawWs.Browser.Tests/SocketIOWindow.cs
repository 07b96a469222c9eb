using Microsoft.Playwright;

namespace RawWs.Browser.Tests;

/// <summary>A page that talks Socket.IO in a window, and what somebody does and sees there.</summary>
internal sealed class SocketIOWindow : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

    private SocketIOWindow(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        Page.PageError += (_, error) => _errors.Add(error);
    }

    public IPage Page { get; }

    public ILocator Said => Page.Locator("#messages li");

    /// <summary>Opens a window on a page.</summary>
    /// <param name="chromium">The browser.</param>
    /// <param name="rawws">The server.</param>
    /// <param name="path">The page.</param>
    /// <param name="route">What is to be done to the page's WebSockets.</param>
    public static async Task<SocketIOWindow> OpenAsync(Chromium chromium, Uri rawws, string path = "/", Action<IWebSocketRoute>? route = null)
    {
        var context = await chromium.NewContextAsync();
        var window = new SocketIOWindow(context, await context.NewPageAsync());
        if (route is not null)
            await window.Page.RouteWebSocketAsync("**/socket.io/*", route);

        // A page that polls by scripts has never loaded all of them.
        await window.Page.GotoAsync(new Uri(new UriBuilder(rawws) { Scheme = "http" }.Uri, path).ToString(), new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        return window;
    }

    public async Task SayAsync(string text)
    {
        await Page.Locator("form input").FillAsync(text);
        await Page.Locator("form input").PressAsync("Enter");
    }

    /// <summary>Waits until the tutorial's page is connected over a transport.</summary>
    public Task WaitForTransportAsync(string name)
        => Page.WaitForFunctionAsync("name => socket.connected && socket.io.engine.transport.name === name", name);

    /// <summary>Waits until the tutorial's page has noticed that the server is gone.</summary>
    public Task WaitForDisconnectAsync() => Page.WaitForFunctionAsync("() => !socket.connected");

    /// <summary>Closes the window, whose scripts have not failed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_errors);
    }
}
