using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.RegularExpressions;

namespace RawWs.Host.Tests;

/// <summary>How the page of the chat is served. What it does is tested in a browser.</summary>
public sealed partial class ChatPageTests
{
    [Theory]
    [InlineData("/", "text/html; charset=utf-8")]
    [InlineData("/chat/chat.css", "text/css; charset=utf-8")]
    [InlineData("/chat/app.js", "text/javascript; charset=utf-8")]
    [InlineData("/chat/icon.svg", "image/svg+xml")]
    public async Task A_file_comes_with_its_type_and_what_protects_it_and_once(string path, string contentType)
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var http = HttpTo(rawws);

        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), rawws.Deadline);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(response.Headers.CacheControl?.NoCache);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse("\"other\""));
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var known = await http.SendAsync(again, rawws.Deadline);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal(response.Headers.ETag, known.Headers.ETag);

        using var other = new HttpRequestMessage(HttpMethod.Get, path);
        other.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse("\"other\""));
        using var unknown = await http.SendAsync(other, rawws.Deadline);
        Assert.Equal(HttpStatusCode.OK, unknown.StatusCode);
    }

    [Fact]
    public async Task What_the_page_names_is_there_and_nothing_is_elsewhere()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var http = HttpTo(rawws);
        var (names, seen) = (new Queue<string>(["/"]), new HashSet<string>());

        while (names.TryDequeue(out var name))
        {
            if (!seen.Add(name))
                continue;

            var text = await http.GetStringAsync(new Uri(name, UriKind.Relative), rawws.Deadline);
            Assert.DoesNotMatch(Elsewhere(), text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal));
            Assert.DoesNotMatch(Markup(), text);
            foreach (Match match in Reference().Matches(text))
                names.Enqueue("/chat/" + match.Groups["name"].Value);
        }

        Assert.Contains("/chat/backoff.js", seen);
        Assert.Contains("/chat/icon.svg", seen);
    }

    [Fact]
    public async Task Who_asks_for_a_WebSocket_at_the_page_is_refused_as_anywhere_else()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var client = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };

        await Assert.ThrowsAsync<WebSocketException>(() => client.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/" }.Uri, rawws.Deadline));
        Assert.Equal(HttpStatusCode.NotFound, client.HttpStatusCode);
    }

    private static HttpClient HttpTo(RawwsProcess rawws) => new() { BaseAddress = new UriBuilder(rawws.Url) { Scheme = "http", Path = "/" }.Uri };

    [GeneratedRegex("""(https?:)?//[a-z]+\.[a-z]""")]
    private static partial Regex Elsewhere();

    [GeneratedRegex("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(| style=| on[a-z]+=\"")]
    private static partial Regex Markup();

    [GeneratedRegex("""["'](chat/|\./)(?<name>[a-z]+\.[a-z]+)["']""")]
    private static partial Regex Reference();
}
