using Microsoft.Playwright;
using RawWs.Browser.Tests;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace RawWs.Browser.Tests;

/// <summary>The Chromium of this machine, without a screen, for all tests. None is ever downloaded: where there is none, tests are skipped.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    // A shared machine may take its time; what takes longer than this is not coming.
    private const float Patience = 40_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (folders.SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists) is not { } path)
            return;

        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox"] });
    }

    /// <summary>Opens a browser of its own, which keeps what it stores to itself.</summary>
    /// <param name="options">How large its windows are, and which colours it likes.</param>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, "There is no Chromium here: apt-get install chromium");
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout(Patience);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();

        _playwright?.Dispose();
    }
}
