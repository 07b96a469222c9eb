using System.Net;
using System.Text.RegularExpressions;

namespace RawWs.Host.Tests;

/// <summary>How the page of the dashboard is served. What it does is tested in a browser.</summary>
public sealed partial class DashboardPageTests
{
    [Theory]
    [InlineData("/_rawws", "text/html; charset=utf-8")]
    [InlineData("/_rawws/dashboard.css", "text/css; charset=utf-8")]
    [InlineData("/_rawws/app.js", "text/javascript; charset=utf-8")]
    [InlineData("/_rawws/icon.svg", "image/svg+xml")]
    public async Task A_file_comes_with_its_type_and_what_protects_it(string path, string contentType)
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var http = HttpTo(rawws);

        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), rawws.Deadline);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    // RFC 9110 §13.1.2.
    [Theory]
    [InlineData("{tag}", 304)]
    [InlineData("W/{tag}", 304)]
    [InlineData("\"other\", {tag}", 304)]
    [InlineData("*", 304)]
    [InlineData("\"other\"", 200)]
    public async Task A_browser_that_has_the_file_is_told_so(string known, int status)
    {
        await using var server = await DashboardServer.StartAsync(token: null);
        await using var client = server.ConnectFrom(new IPEndPoint(IPAddress.Loopback, 50_000));
        await client.SendAsync("GET /_rawws/app.js HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var first = await client.ReadResponseAsync();
        var tag = first.Field("ETag");

        await client.SendAsync($"GET /_rawws/app.js HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: {known.Replace("{tag}", tag, StringComparison.Ordinal)}\r\n\r\n");
        var second = await client.ReadResponseAsync();

        Assert.Equal((200, status, tag), (first.Status, second.Status, second.Field("ETag")));
        Assert.Equal(status == 200 ? first.Text : "", second.Text);
    }

    [Fact]
    public async Task What_the_page_names_is_there_and_nothing_is_elsewhere()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--dashboard-token", DashboardServer.Token);
        using var http = HttpTo(rawws);
        http.DefaultRequestHeaders.Add("Authorization", "Bearer " + DashboardServer.Token);
        var (names, seen) = (new Queue<string>(["/_rawws"]), new HashSet<string>());

        while (names.TryDequeue(out var name))
        {
            if (!seen.Add(name))
                continue;

            var text = await http.GetStringAsync(new Uri(name, UriKind.Relative), rawws.Deadline);
            Assert.DoesNotMatch(Elsewhere(), text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal));
            Assert.DoesNotMatch(Markup(), text);
            foreach (Match match in Reference().Matches(text))
                names.Enqueue("/_rawws/" + match.Groups["name"].Value);
        }

        Assert.Contains("/_rawws/backoff.js", seen);
        Assert.Contains("/_rawws/plot.js", seen);
        Assert.Contains("/_rawws/dashboard.css", seen);
    }

    [Fact]
    public async Task It_is_there_beside_files_too_and_not_if_it_is_switched_off()
    {
        var folder = Directory.CreateTempSubdirectory("rawws").FullName;
        try
        {
            await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--static", folder);
            using var http = HttpTo(rawws);
            Assert.Contains("RawWs dashboard", await http.GetStringAsync(new Uri("/_rawws", UriKind.Relative), rawws.Deadline), StringComparison.Ordinal);

            await using var off = await RawwsProcess.StartAsync("--port", "0", "--static", folder, "--no-dashboard");
            using var httpOff = HttpTo(off);
            foreach (var path in (string[])["/_rawws", "/_rawws/app.js"])
            {
                using var none = await httpOff.GetAsync(new Uri(path, UriKind.Relative), off.Deadline);
                Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static HttpClient HttpTo(RawwsProcess rawws) => new() { BaseAddress = new UriBuilder(rawws.Url) { Scheme = "http", Path = "/" }.Uri };

    [GeneratedRegex("""(https?:)?//[a-z]+\.[a-z]""")]
    private static partial Regex Elsewhere();

    [GeneratedRegex("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(| style=| on[a-z]+=\"")]
    private static partial Regex Markup();

    [GeneratedRegex("""["'](_rawws/|\./)(?<name>[a-z]+\.[a-z]+)["']""")]
    private static partial Regex Reference();
}
