using System.Net;
using System.Net.Sockets;

namespace RawWs.Host.Tests;

public class GreetingTests
{
    [Theory]
    [InlineData("localhost", "listens on ws://localhost:5000/echo (")]
    [InlineData("127.0.0.1", "listens on ws://127.0.0.1:5000/echo (")]
    [InlineData("::1", "listens on ws://[::1]:5000/echo (")]
    [InlineData("[::1]", "listens on ws://[::1]:5000/echo (")]
    [InlineData("*", "listens on ws://localhost:5000/echo and any other address of this machine (")]
    [InlineData("0.0.0.0", "listens on ws://localhost:5000/echo and any other address of this machine (")]
    [InlineData("::", "listens on ws://localhost:5000/echo and any other address of this machine (")]
    public void The_first_line_has_a_url_to_connect_to(string host, string expected)
        => Assert.Contains(expected, LinesOf(new HostOptions { Hosts = [host], Port = 5000 })[0], StringComparison.Ordinal);

    [Fact]
    public void Every_place_is_named_once()
    {
        var options = new HostOptions { Hosts = ["localhost", "::1", "localhost"], UnixSocket = new UnixDomainSocketEndPoint("/tmp/x") };

        Assert.Contains("listens on ws://localhost:5000/echo and ws://[::1]:5000/echo and unix:/tmp/x (", LinesOf(options)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_second_line_has_the_urls_of_the_pages()
    {
        var lines = LinesOf(new HostOptions { Hosts = ["::1"], Port = 5000 });

        Assert.Equal(2, lines.Length);
        Assert.Equal("Chat: open http://[::1]:5000/ in two browser windows; dashboard: http://[::1]:5000/_rawws", lines[1]);
    }

    [Fact]
    public void A_dashboard_that_is_not_there_is_not_named()
        => Assert.Equal(
            "Chat: open http://localhost:5000/ in two browser windows", LinesOf(new HostOptions { Port = 5000, Dashboard = new DashboardOptions { IsEnabled = false } })[1]);

    [Fact]
    public void The_pages_are_at_https_if_the_server_speaks_TLS()
        => Assert.Equal("Chat: open https://localhost:5000/ in two browser windows; dashboard: https://localhost:5000/_rawws", LinesOf(new HostOptions { Port = 5000, Tls = new TlsFiles() })[1]);

    [Fact]
    public void The_second_line_is_to_paste_into_a_browser_if_a_folder_is_served_instead()
    {
        var lines = LinesOf(new HostOptions { Port = 5000, StaticFolder = "/srv/www" });

        Assert.Equal(2, lines.Length);
        Assert.Contains("new WebSocket(\"ws://localhost:5000/echo\")", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_second_line_is_for_curl_if_there_is_only_a_Unix_socket()
    {
        var options = new HostOptions { Hosts = [], UnixSocket = new UnixDomainSocketEndPoint("/tmp/x") };

        Assert.Contains("curl -i -m 1 --unix-socket '/tmp/x'", LinesOf(options)[1], StringComparison.Ordinal);
    }

    private static string[] LinesOf(HostOptions options)
        => Greeting.Of(options, [new IPEndPoint(IPAddress.Loopback, 5000)]).Split('\n');
}
