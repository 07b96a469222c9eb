using System.Globalization;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace RawWs.Browser.Tests;

/// <summary>The page of the dashboard, as people see it.</summary>
public sealed partial class DashboardPageTests(Chromium chromium)
{
    private const string Token = "0123456789abcdef+/=&%";

    [Fact]
    public async Task What_happens_on_the_server_is_shown()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var window = await DashboardWindow.OpenAsync(chromium, rawws.Url);
        await window.AssertLiveAsync();
        await Assertions.Expect(window.Number("Connections")).ToHaveTextAsync("1");
        await Assertions.Expect(window.Note("Messages in")).ToHaveTextAsync("0 so far");

        using var client = await rawws.ConnectAsync();
        using var other = await rawws.ConnectAsync();
        await Assertions.Expect(window.Number("Connections")).ToHaveTextAsync("3");
        for (var i = 0; i < 7; i++)
            await SayAsync(client, "hello", rawws);

        await Assertions.Expect(window.Note("Messages in")).ToHaveTextAsync("7 so far");
        await Assertions.Expect(window.Note("Payload in")).ToHaveTextAsync("35 B so far");

        await other.CloseAsync((WebSocketCloseStatus)1001, null, rawws.Deadline);
        await Assertions.Expect(window.Number("Connections")).ToHaveTextAsync("2");
        await Assertions.Expect(window.Page.Locator("#closes li")).ToHaveTextAsync([Closed1001()]);
    }

    [Fact]
    public async Task Every_chart_is_drawn_and_says_its_values_beside()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var window = await DashboardWindow.OpenAsync(chromium, rawws.Url);
        await window.AssertLiveAsync();

        await Assertions.Expect(window.Cards).ToHaveCountAsync(9);
        foreach (var card in await window.Cards.AllAsync())
        {
            var title = await card.Locator("h2").TextContentAsync();
            await Assertions.Expect(card.Locator(title!.StartsWith("Round trip", StringComparison.Ordinal) ? ".plot rect" : ".plot .line").First).ToBeAttachedAsync();
            Assert.NotEqual("", await card.Locator(".plot").GetAttributeAsync("aria-label"));
            await Assertions.Expect(card.Locator(".legend dd").First).Not.ToBeEmptyAsync();
        }

        await Assertions.Expect(window.Cards.Filter(new() { HasText = "Memory" }).Locator(".legend dd").First).ToHaveTextAsync(Size());
    }

    [Fact]
    public async Task The_past_is_looked_at_with_the_keyboard()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var window = await DashboardWindow.OpenAsync(chromium, rawws.Url);
        var plot = window.Cards.First.Locator(".plot");
        await Assertions.Expect(plot.Locator(".line").First).ToBeAttachedAsync();

        await plot.FocusAsync();
        await window.Page.Keyboard.PressAsync("PageUp");
        foreach (var card in (ILocator[])[window.Cards.First, window.Cards.Last])
            await Assertions.Expect(card.Locator(".when")).ToHaveTextAsync(Ago());

        await Assertions.Expect(window.Cards.First.Locator(".cursor")).ToHaveCountAsync(1);
        await window.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(window.Cards.First.Locator(".when")).ToBeEmptyAsync();
        await Assertions.Expect(window.Cards.First.Locator(".cursor")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Markup_in_the_name_of_a_room_is_text()
    {
        const string Name = "<img src=x onerror=alert(1)><b>";
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        await using var window = await DashboardWindow.OpenAsync(chromium, rawws.Url);
        using var member = await rawws.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/rooms/" + Uri.EscapeDataString(Name) }.Uri);

        await Assertions.Expect(window.RoomNames).ToHaveTextAsync(["/rooms/" + Name]);
        await Assertions.Expect(window.Page.Locator("main img, main b, main script")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_restart_is_told_and_survived()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals that end the process are missing.");
        await using var first = await RawwsProcess.StartAsync("--port", "0");
        await using var window = await DashboardWindow.OpenAsync(chromium, first.Url);
        await window.AssertLiveAsync();
        using (var client = await first.ConnectAsync())
            await Assertions.Expect(window.Note("Connections")).ToHaveTextAsync("2 so far, 0 refused");

        await first.SignalAsync("KILL");
        await first.WaitForEndAsync();
        await Assertions.Expect(window.State).ToHaveTextAsync(Reconnecting());
        await Assertions.Expect(window.Page.GetByText("These are the figures of")).ToBeVisibleAsync();
        await Assertions.Expect(window.Note("Connections")).ToHaveTextAsync("2 so far, 0 refused");

        await using var second = await RawwsProcess.StartAsync("--port", first.Url.Port.ToString(CultureInfo.InvariantCulture));
        await window.AssertLiveAsync();
        await Assertions.Expect(window.Page.GetByText("These are the figures of")).ToBeHiddenAsync();
        await Assertions.Expect(window.Note("Connections")).ToHaveTextAsync("1 so far, 0 refused");
    }

    // One address has its number of connections, and a server that has just been started its number of handshakes: both are over in a moment.
    [Fact]
    public async Task What_is_refused_for_a_moment_is_asked_for_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals that end the process are missing.");
        await using var first = await RawwsProcess.StartAsync("--port", "0");
        await using var window = await DashboardWindow.OpenAsync(chromium, first.Url);
        await window.AssertLiveAsync();
        var refused = new TaskCompletionSource();
        await window.Page.RouteAsync(window.Address.ToString(), async route =>
        {
            await route.FulfillAsync(new() { Status = 429 });
            refused.TrySetResult();
        });
        await first.SignalAsync("KILL");
        await first.WaitForEndAsync();
        await refused.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        await using var second = await RawwsProcess.StartAsync("--port", first.Url.Port.ToString(CultureInfo.InvariantCulture));

        await window.AssertLiveAsync();
    }

    [Fact]
    public async Task The_form_lets_in_whoever_knows_the_token()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--dashboard-token", Token);
        await using var window = await DashboardWindow.OpenAsync(chromium, rawws.Url);

        await window.Page.GetByLabel("Token").FillAsync("not the token at all");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await Assertions.Expect(window.Page.GetByText("That is not the token.")).ToBeVisibleAsync();

        await window.Page.GetByLabel("Token").FillAsync(Token);
        await window.Page.GetByLabel("Token").PressAsync("Enter");
        await window.AssertLiveAsync();
        Assert.Equal(window.Address.ToString(), window.Page.Url);
    }

    [Fact]
    public async Task A_link_with_the_token_on_another_site_lets_in_too_and_the_address_forgets_it()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--dashboard-token", Token);
        await using var window = await DashboardWindow.OpenEmptyAsync(chromium, rawws.Url);

        // To a browser 127.0.0.1 and localhost are two sites.
        var elsewhere = new UriBuilder(window.Address) { Host = "127.0.0.1", Path = "/healthz" }.Uri;
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(elsewhere.ToString());
        await page.EvaluateAsync("address => { location.href = address; }", $"{window.Address}?token={Uri.EscapeDataString(Token)}");

        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        await Assertions.Expect(page).ToHaveURLAsync(window.Address.ToString());
        Assert.Equal("", await page.EvaluateAsync<string>("document.cookie"));
    }

    [Theory]
    [InlineData(320)]
    [InlineData(800)]
    public async Task All_of_it_fits_into_the_width(int width)
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var member = await rawws.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/rooms/" + new string('W', 200) }.Uri);
        await using var window = await DashboardWindow.OpenAsync(chromium, rawws.Url, new() { ViewportSize = new() { Width = width, Height = 568 } });
        await window.AssertLiveAsync();
        await Assertions.Expect(window.RoomNames).ToHaveCountAsync(1);

        Assert.Equal(width, await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await Assertions.Expect(window.State).ToBeInViewportAsync(new() { Ratio = 1 });
        await Assertions.Expect(window.RoomNames).ToBeVisibleAsync();
    }

    private static async Task SayAsync(ClientWebSocket client, string text, RawwsProcess rawws)
    {
        await client.SendAsync(System.Text.Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, rawws.Deadline);
        await client.ReceiveAsync(new byte[64], rawws.Deadline);
    }

    [GeneratedRegex(@"^Reconnecting in \d+ s$")]
    private static partial Regex Reconnecting();

    [GeneratedRegex(@"^1001 going away by the client\s*1$")]
    private static partial Regex Closed1001();

    [GeneratedRegex(@"^\d+(\.\d)? MiB$")]
    private static partial Regex Size();

    [GeneratedRegex(@"^\d+ (s|min.*) ago$")]
    private static partial Regex Ago();
}
