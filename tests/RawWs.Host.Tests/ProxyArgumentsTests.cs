using System.Net;

namespace RawWs.Host.Tests;

public sealed class ProxyArgumentsTests
{
    private readonly CommandLine _commandLine = new(_ => Task.FromResult(ExitCode.Success));

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("192.0.2.1", "192.0.2.1/32")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    [InlineData("loopback", "127.0.0.0/8, ::1/128")]
    [InlineData("private", "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7")]
    [InlineData("unix", "unix")]
    public void A_proxy_is_a_network_an_address_or_a_word(string text, string expected) => Assert.Equal(expected, Parse("--trust-proxy", text).Trusted);

    [Fact]
    public void Proxies_add_up_and_each_is_named_once()
        => Assert.Equal("10.0.0.0/8, 127.0.0.0/8, ::1/128, unix", Parse("--trust-proxy", "10.0.0.0/8", "--trust-proxy", "loopback", "--trust-proxy", "unix", "--trust-proxy", "10.0.0.0/8").Trusted);

    [Fact]
    public void Without_arguments_nobody_is_trusted()
    {
        var proxies = Parse();

        Assert.Null(proxies.Trusted);
        Assert.False(proxies.ProxyProtocol);
        Assert.Equal(ForwardingHeaders.Either, proxies.Headers);
    }

    [Fact]
    public void What_is_asked_for_reaches_the_server()
    {
        var options = new WebSocketServerOptions();

        Parse("--trust-proxy", "10.0.0.0/8", "--trust-proxy", "unix", "--forwarding-headers", "Forwarded", "--proxy-protocol").ApplyTo(options);

        Assert.Equal([IPNetwork.Parse("10.0.0.0/8")], options.TrustedProxies);
        Assert.Equal((true, true, ForwardingHeaders.Forwarded), (options.TrustUnixSockets, options.ProxyProtocol, options.ForwardingHeaders));
    }

    [Theory]
    [InlineData("--trust-proxy takes networks without bits behind their prefix; for '10.1.2.3/8' write 10.0.0.0/8", "--trust-proxy", "10.1.2.3/8")]
    [InlineData("for '192.0.2.130/25' write 192.0.2.128/25", "--trust-proxy", "192.0.2.130/25")]
    [InlineData("for '2001:db8::1/63' write 2001:db8::/63", "--trust-proxy", "2001:db8::1/63")]
    [InlineData("'10.0.0.0/33' is none of these", "--trust-proxy", "10.0.0.0/33")]
    [InlineData("'10.0.0/8' is none of these", "--trust-proxy", "10.0.0/8")]
    [InlineData("'10.1' is none of these", "--trust-proxy", "10.1")]
    [InlineData("'nginx' is none of these", "--trust-proxy", "nginx")]
    [InlineData("'*' is none of these", "--trust-proxy", "*")]
    [InlineData("--forwarding-headers takes either, x-forwarded or forwarded; 'both' is none of these.", "--trust-proxy", "loopback", "--forwarding-headers", "both")]
    [InlineData("--forwarding-headers is for --trust-proxy NETWORK; add that", "--forwarding-headers", "forwarded")]
    [InlineData("--keep-alive takes a number of seconds from 0.1 to 86400, such as 20 or 0.5; '0' is none.", "--keep-alive", "0")]
    public void What_makes_no_sense_is_told_with_what_does(string expected, params string[] args)
        => Assert.Contains(_commandLine.Parse(args).Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void Silence_lasts_as_long_as_is_said()
        => Assert.Equal(TimeSpan.FromSeconds(0.5), _commandLine.OptionsOf(_commandLine.Parse(["--keep-alive", "0.5"])).KeepAlive);

    [Fact]
    public void The_greeting_names_proxies_and_what_to_try_through_them()
    {
        var options = new HostOptions { Port = 5000, Proxies = Parse("--trust-proxy", "10.0.0.0/8", "--proxy-protocol") };

        var lines = Greeting.Of(options, [new IPEndPoint(IPAddress.Loopback, 5000)]).Split('\n');

        Assert.Equal(2, lines.Length);
        Assert.Contains("listens on ws://localhost:5000/echo behind proxies in 10.0.0.0/8 (", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("or curl --haproxy-protocol http://localhost:5000/healthz answers healthy", lines[1], StringComparison.Ordinal);
    }

    private ProxySettings Parse(params string[] args)
    {
        var result = _commandLine.Parse(args);
        Assert.Empty(result.Errors);
        return _commandLine.OptionsOf(result).Proxies;
    }
}
