using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using RawWs.Testing;

namespace RawWs.Host.Tests;

/// <summary>How a browser gets in with the token of the dashboard, and that the token stays nowhere.</summary>
public sealed class DashboardLoginTests
{
    private const string Token = DashboardServer.Token;

    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("192.0.2.7"), 50_000);

    [Fact]
    public async Task A_visit_with_the_token_is_sent_on_without_it_and_keeps_a_cookie()
    {
        await using var server = await DashboardServer.StartAsync(Token);
        var visit = await AskAsync(server, $"GET /_rawws?token={WebUtility.UrlEncode(Token)} HTTP/1.1\r\nHost: example.com\r\n\r\n");

        Assert.Equal(303, visit.Status);
        Assert.Equal("/_rawws?entered", visit.Field("Location"));
        Assert.Equal("no-store", visit.Field("Cache-Control"));
        Assert.DoesNotContain(Token, visit.Head, StringComparison.Ordinal);
        var cookie = visit.Field("Set-Cookie")!.Split("; ");
        Assert.Equal(["Path=/_rawws", "HttpOnly", "SameSite=Strict"], cookie[1..]);

        // And not sent on again.
        var page = await AskAsync(server, $"GET /_rawws?entered HTTP/1.1\r\nHost: example.com\r\nCookie: {cookie[0]}\r\n\r\n");
        Assert.Equal(200, page.Status);
        Assert.DoesNotContain("http-equiv=\"refresh\"", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cookie_stays_within_TLS_where_a_proxy_speaks_it()
    {
        await using var server = await DashboardServer.StartAsync(Token);
        var visit = await AskAsync(server, $"GET /_rawws?token={WebUtility.UrlEncode(Token)} HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\n\r\n");

        Assert.EndsWith("; Secure", visit.Field("Set-Cookie"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cookie_stays_within_TLS_where_the_server_speaks_it()
    {
        var folder = Directory.CreateTempSubdirectory("rawws-dashboard-");
        try
        {
            using var authority = new CertificateAuthority();
            using var certificate = authority.IssueForServer("localhost");
            var (certificateFile, keyFile) = CertificateAuthority.Write(certificate, folder.FullName, "localhost");
            await using var service = new ServerService(
                new HostOptions { Hosts = ["127.0.0.1"], Port = 0, Dashboard = new() { Token = Token }, Tls = new() { Certificates = [certificateFile], Keys = [keyFile] } }, NullLoggerFactory.Instance);
            await service.StartAsync(TestContext.Current.CancellationToken);
            await using var client = await TlsClient.ConnectAsync((IPEndPoint)service.EndPoints[0]);

            await client.Client.SendAsync($"GET /_rawws?token={WebUtility.UrlEncode(Token)} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.EndsWith("; Secure", (await client.Client.ReadResponseAsync()).Field("Set-Cookie"), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Where_there_is_no_token_there_is_nothing_to_log_in_to()
    {
        await using var server = await DashboardServer.StartAsync(token: null);
        await using var client = server.ConnectFrom(new IPEndPoint(IPAddress.Loopback, 50_000));

        await client.SendAsync("POST /_rawws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\ntoken");
        var answer = await client.ReadResponseAsync();

        Assert.Equal((405, "GET, HEAD", "There is nothing to log in to.\n"), (answer.Status, answer.Field("Allow"), answer.Text));
    }

    // A browser that comes from a link on another site does not send a strict cookie with the redirection.
    [Fact]
    public async Task Whoever_comes_from_another_site_is_sent_on_from_here()
    {
        await using var server = await DashboardServer.StartAsync(Token);
        var answer = await AskAsync(server, "GET /_rawws?entered HTTP/1.1\r\nHost: example.com\r\nAccept: text/html\r\n\r\n");

        Assert.Equal(200, answer.Status);
        Assert.Contains("<meta http-equiv=\"refresh\" content=\"0; url=/_rawws\">", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_takes_the_token()
    {
        await using var server = await DashboardServer.StartAsync(Token);
        var form = await AskAsync(server, "GET /_rawws HTTP/1.1\r\nHost: example.com\r\nAccept: text/html\r\n\r\n");
        Assert.Equal(401, form.Status);
        Assert.Contains("<form method=\"post\" action=\"_rawws\">", form.Text, StringComparison.Ordinal);
        Assert.Contains("form-action 'self'", form.Field("Content-Security-Policy"), StringComparison.Ordinal);

        // Or the browser would send the origin of the form as "null".
        Assert.Equal("same-origin", form.Field("Referrer-Policy"));
        foreach (var file in (string[])["login.css", "icon.svg"])
            Assert.Equal(200, (await AskAsync(server, $"GET /_rawws/{file} HTTP/1.1\r\nHost: example.com\r\n\r\n")).Status);

        var entered = await AskAsync(server, Post($"token={WebUtility.UrlEncode(Token)}", "Origin: http://example.com\r\n"));
        Assert.Equal(303, entered.Status);
        Assert.StartsWith("rawws-dashboard=", entered.Field("Set-Cookie"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token=wrong", "", 401)]
    [InlineData("token=", "", 401)]
    [InlineData("", "", 401)]
    [InlineData("other=0123456789abcdef%2B%2F%3D%26%25", "", 401)]
    [InlineData("token=0123456789abcdef%2B%2F%3D%26%25", "Origin: http://evil.example\r\n", 403)]
    [InlineData("token=0123456789abcdef%2B%2F%3D%26%25", "Origin: null\r\n", 403)]
    public async Task What_is_not_the_token_opens_nothing(string form, string headers, int status)
    {
        await using var server = await DashboardServer.StartAsync(Token);
        var answer = await AskAsync(server, Post(form, headers));

        Assert.Equal(status, answer.Status);
        Assert.Null(answer.Field("Set-Cookie"));
    }

    [Fact]
    public async Task A_wrong_token_in_the_address_is_asked_for_again()
    {
        await using var server = await DashboardServer.StartAsync(Token);
        var answer = await AskAsync(server, "GET /_rawws?token=wrong HTTP/1.1\r\nHost: example.com\r\nAccept: text/html\r\n\r\n");

        Assert.Equal(401, answer.Status);
        Assert.Contains("That is not the token.", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_is_never_logged()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--log-level", "trace", "--dashboard-token", Token);
        using var http = new HttpClient { BaseAddress = new UriBuilder(rawws.Url) { Scheme = "http" }.Uri };
        foreach (var path in (string[])[$"/_rawws?token={Uri.EscapeDataString(Token)}", $"/_rawws/none?token={Uri.EscapeDataString(Token)}"])
            (await http.GetAsync(new Uri(path, UriKind.Relative), rawws.Deadline)).Dispose();

        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(()
            => rawws.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/_rawws", Query = $"token={Uri.EscapeDataString(Token)}" }.Uri));
        await rawws.SignalAsync("TERM");
        var result = await rawws.WaitForEndAsync();

        // Something is logged, or there would be nothing to look through.
        Assert.Contains("401", result.Errors, StringComparison.Ordinal);
        foreach (var text in (string[])[Token, Uri.EscapeDataString(Token), Token[..16]])
            Assert.DoesNotContain(text, string.Join('\n', rawws.Greeting) + result.Output + result.Errors, StringComparison.Ordinal);
    }

    private static string Post(string form, string headers)
        => $"POST /_rawws HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/x-www-form-urlencoded\r\n{headers}Content-Length: {form.Length}\r\n\r\n{form}";

    private static async Task<WireResponse> AskAsync(DashboardServer server, string request)
    {
        await using var client = server.ConnectFrom(Elsewhere);
        await client.SendAsync(request);
        return await client.ReadResponseAsync();
    }
}
