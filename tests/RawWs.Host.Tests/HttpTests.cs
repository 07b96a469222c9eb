using System.Net;
using System.Text.RegularExpressions;

namespace RawWs.Host.Tests;

/// <summary>What <c>rawws</c> answers over HTTP, asked by the HTTP client of .NET.</summary>
public sealed partial class HttpTests
{
    [Fact]
    public async Task Health_and_readiness_are_told()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var http = new HttpClient { BaseAddress = new UriBuilder(rawws.Url) { Scheme = "http" }.Uri };

        Assert.Equal("healthy\n", await http.GetStringAsync(new Uri("/healthz", UriKind.Relative), rawws.Deadline));
        Assert.Equal("ready\n", await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), rawws.Deadline));
        using var none = await http.GetAsync(new Uri("/none", UriKind.Relative), rawws.Deadline);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Metrics_are_told_as_Prometheus_asks_for_them()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var client = await rawws.ConnectAsync();
        await client.AssertEchoAsync("hello", rawws.Deadline);
        using var http = new HttpClient { BaseAddress = new UriBuilder(rawws.Url) { Scheme = "http" }.Uri };
        await http.GetStringAsync(new Uri("/healthz", UriKind.Relative), rawws.Deadline);

        using var response = await http.GetAsync(new Uri("/metrics", UriKind.Relative), rawws.Deadline);
        var text = await response.Content.ReadAsStringAsync(rawws.Deadline);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.GetValues("Content-Type").Single());
        foreach (var sample in new[]
        {
            "rawws_connections_active 1", "rawws_connections_opened_total 1", "rawws_handshakes_total{http_response_status_code=\"101\"} 1",
            "rawws_messages_total{network_io_direction=\"receive\",rawws_message_type=\"text\"} 1", "rawws_send_queue_size_bytes 0",
            "rawws_messages_published_total 1", "rawws_frame_payload_bytes_total{network_io_direction=\"receive\",rawws_frame_opcode=\"text\"} 5",
            "rawws_http_requests_total{http_request_method=\"GET\",http_response_status_code=\"200\"} 1",
            "rawws_http_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"200\"} 1",
        })
        {
            Assert.Contains($"\n{sample}\n", text, StringComparison.Ordinal);
        }

        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
    }

    [Fact]
    public async Task Files_of_a_folder_are_served_beside_sessions()
    {
        var folder = Directory.CreateTempSubdirectory("rawws-static-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "index.html"), "<p>hello", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "healthz"), "not this", TestContext.Current.CancellationToken);
            await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--static", folder.FullName);
            using var http = new HttpClient { BaseAddress = new UriBuilder(rawws.Url) { Scheme = "http" }.Uri };

            using var page = await http.GetAsync(new Uri("/", UriKind.Relative), rawws.Deadline);
            Assert.Equal("<p>hello", await page.Content.ReadAsStringAsync(rawws.Deadline));
            Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
            Assert.Equal("healthy\n", await http.GetStringAsync(new Uri("/healthz", UriKind.Relative), rawws.Deadline));
            using var chat = await http.GetAsync(new Uri("/chat/app.js", UriKind.Relative), rawws.Deadline);
            Assert.Equal(HttpStatusCode.NotFound, chat.StatusCode);
            using var none = await http.GetAsync(new Uri("/none", UriKind.Relative), rawws.Deadline);
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);

            using var client = await rawws.ConnectAsync();
            await client.AssertEchoAsync("hello", rawws.Deadline);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told_in_one_line()
    {
        var result = await RawwsProcess.RunAsync("--port", "0", "--static", "nowhere/at/all");

        result.AssertFailed(ExitCode.WrongUsage, "--static takes a folder that exists; 'nowhere/at/all' is none.");
    }

    [GeneratedRegex("""^(# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [-+.0-9Ee]+)$""")]
    private static partial Regex Line();
}
