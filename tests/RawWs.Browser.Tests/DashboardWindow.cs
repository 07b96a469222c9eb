using Microsoft.Playwright;

namespace RawWs.Browser.Tests;

/// <summary>The page of the dashboard in a window, and what somebody sees there.</summary>
internal sealed class DashboardWindow : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

    private DashboardWindow(IBrowserContext context, IPage page, Uri address)
    {
        (_context, Page, Address) = (context, page, address);
        Page.PageError += (_, error) => _errors.Add(error);
        Page.Dialog += (_, dialog) => _errors.Add($"a dialog: {dialog.Message}");
        Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal))
                _errors.Add($"asked elsewhere: {request.Url}");
        };
        Page.Console += (_, message) =>
        {
            // What the network can't do is no fault of the page.
            if (!message.Text.Contains("WebSocket connection", StringComparison.Ordinal) && !message.Text.Contains("net::ERR_", StringComparison.Ordinal)
                && !message.Text.Contains("status of 401", StringComparison.Ordinal) && !message.Text.Contains("status of 429", StringComparison.Ordinal))
                _errors.Add(message.Text);
        };
    }

    public IPage Page { get; }

    /// <summary>Where the page is.</summary>
    public Uri Address { get; }

    public ILocator State => Page.Locator("#state");

    public ILocator Cards => Page.Locator("#charts .card");

    public ILocator RoomNames => Page.Locator("#rooms tbody bdi");

    /// <summary>Opens a window, without going anywhere.</summary>
    /// <param name="chromium">The browser.</param>
    /// <param name="rawws">The server.</param>
    /// <param name="options">How large it is, and which colours it likes.</param>
    public static async Task<DashboardWindow> OpenEmptyAsync(Chromium chromium, Uri rawws, BrowserNewContextOptions? options = null)
    {
        var context = await chromium.NewContextAsync(options);
        return new DashboardWindow(context, await context.NewPageAsync(), new UriBuilder(rawws) { Scheme = "http", Path = "/_rawws" }.Uri);
    }

    /// <summary>Opens a window on the page.</summary>
    /// <inheritdoc cref="OpenEmptyAsync"/>
    public static async Task<DashboardWindow> OpenAsync(Chromium chromium, Uri rawws, BrowserNewContextOptions? options = null)
    {
        var window = await OpenEmptyAsync(chromium, rawws, options);
        await window.Page.GotoAsync(window.Address.ToString());
        return window;
    }

    public Task AssertLiveAsync() => Assertions.Expect(State).ToHaveTextAsync("Live");

    /// <summary>The large number of a tile, without its unit.</summary>
    public ILocator Number(string tile) => Tile(tile).Locator(".value span").First;

    /// <summary>What stands below the number of a tile.</summary>
    public ILocator Note(string tile) => Tile(tile).Locator(".note");

    /// <summary>Closes the window, in which nothing has gone wrong.</summary>
    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_errors);
    }

    private ILocator Tile(string name) => Page.Locator("#tiles > div").Filter(new() { Has = Page.GetByText(name, new() { Exact = true }) });
}
