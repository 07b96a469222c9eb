using System.Buffers;
using System.Net;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

/// <summary>
/// Who asks, according to header fields. The connection is a trusted proxy's, and so is 10.0.0.0/8. What a client writes stands at the left, and begins with 6.6.6.6;
/// the client itself is 203.0.113.9.
/// </summary>
public sealed partial class ForwardedClientTests
{
    private const string Nobody = "nobody";

    private static readonly TrustedNetworks Trusted = new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8:ffff::/48")]);

    public static TheoryData<string, string> XForwardedFor => new()
    {
        // One proxy, several proxies, each of which adds whoever connected to it.
        { "203.0.113.9", "203.0.113.9:0" },
        { "203.0.113.9, 10.0.0.2", "203.0.113.9:0" },
        { "203.0.113.9,10.0.0.2 ,\t10.0.0.3", "203.0.113.9:0" },
        { "203.0.113.9\n10.0.0.2\n10.0.0.3", "203.0.113.9:0" },
        { "10.0.0.9, 10.0.0.2", "10.0.0.9:0" },

        // Whatever the client has written before them is not looked at.
        { "6.6.6.6, 203.0.113.9", "203.0.113.9:0" },
        { "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9:0" },
        { "6.6.6.6\n203.0.113.9", "203.0.113.9:0" },
        { "6.6.6.6, 10.0.0.1, 10.0.0.2\n203.0.113.9", "203.0.113.9:0" },
        { "\"6.6.6.6, 203.0.113.9", "203.0.113.9:0" },
        { "6.6.6.6;, 203.0.113.9", "203.0.113.9:0" },
        { "unknown, 203.0.113.9", "203.0.113.9:0" },
        { ", 203.0.113.9", "203.0.113.9:0" },
        { "6.6.6.6\n\n203.0.113.9", "203.0.113.9:0" },

        // Whoever a trusted proxy can't name, or names in no known way, is nobody, and what stands to the left is the client's word.
        { "6.6.6.6, unknown", Nobody },
        { "6.6.6.6, _hidden", Nobody },
        { "6.6.6.6, unix:", Nobody },
        { "6.6.6.6, ", Nobody },
        { "6.6.6.6,,", Nobody },
        { "6.6.6.6\n", Nobody },
        { "", Nobody },
        { "6.6.6.6, unknown, 10.0.0.2", "10.0.0.2:0" },
        { "6.6.6.6, , 10.0.0.2", "10.0.0.2:0" },
        { "6.6.6.6 203.0.113.9", Nobody },
        { "6.6.6.6, for=203.0.113.9", Nobody },
        { "6.6.6.6, localhost", Nobody },

        // Ports, brackets, IPv4 in IPv6.
        { "203.0.113.9:4711", "203.0.113.9:4711" },
        { "[2001:db8::9]:4711", "[2001:db8::9]:4711" },
        { "[2001:db8::9]", "[2001:db8::9]:0" },
        { "2001:db8::9", "[2001:db8::9]:0" },
        { "2001:DB8:0:0:0:0:0:9", "[2001:db8::9]:0" },
        { "::ffff:203.0.113.9", "203.0.113.9:0" },
        { "[::ffff:cb00:7109]:1", "203.0.113.9:1" },
        { "203.0.113.9, 2001:db8:ffff::1", "203.0.113.9:0" },
        { "203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9:0" },
        { "6.6.6.6, [2001:db8::9]:x", Nobody },
        { "6.6.6.6, [2001:db8::9]1", Nobody },
        { "6.6.6.6, [2001:db8::9", Nobody },
        { "6.6.6.6, 2001:db8::9]", Nobody },
        { "6.6.6.6, [203.0.113.9]", Nobody },
        { "6.6.6.6, []", Nobody },
        { "6.6.6.6, [", Nobody },
        { "6.6.6.6, fe80::1%eth0", Nobody },
        { "6.6.6.6, 2001:db8::9/64", Nobody },
        { "6.6.6.6, 1::2::3", Nobody },

        // Numbers that some read otherwise.
        { "6.6.6.6, 203.0.113", Nobody },
        { "6.6.6.6, 3405803785", Nobody },
        { "6.6.6.6, 0xcb007109", Nobody },
        { "6.6.6.6, 203.0.113.09", Nobody },
        { "6.6.6.6, 203.0.113.256", Nobody },
        { "6.6.6.6, 203.0.113.9.", Nobody },
        { "6.6.6.6, 203.0.113.-9", Nobody },
        { "6.6.6.6, 203.0.113.9:", Nobody },
        { "6.6.6.6, 203.0.113.9:65536", Nobody },
        { "6.6.6.6, 203.0.113.9:080", Nobody },
        { "6.6.6.6, 203.0.113.9:+80", Nobody },
        { "6.6.6.6, 203.0.113.9:80:80", Nobody },
    };

    public static TheoryData<string, string> Forwarded => new()
    {
        // RFC 7239 §4, §6 and §7.
        { "for=203.0.113.9", "203.0.113.9:0" },
        { "For=\"[2001:db8:cafe::17]:4711\"", "[2001:db8:cafe::17]:4711" },
        { "for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60:0 http" },
        { "for=192.0.2.43, for=198.51.100.17", "198.51.100.17:0" },
        { "for=192.0.2.43, for=\"[2001:db8:cafe::17]\"", "[2001:db8:cafe::17]:0" },
        { "for=203.0.113.9;proto=https;by=10.0.0.2, for=10.0.0.2;proto=http", "203.0.113.9:0 https" },
        { "for=203.0.113.9;PROTO=HTTPS;Host=example.com", "203.0.113.9:0 https" },
        { "for=203.0.113.9 ; proto=wss", "203.0.113.9:0 https" },
        { "for=203.0.113.9;proto=gopher", "203.0.113.9:0" },
        { "for=203.0.113.9;", "203.0.113.9:0" },
        { ";;for=203.0.113.9", "203.0.113.9:0" },
        { "for=203.0.113.9\nfor=10.0.0.2", "203.0.113.9:0" },
        { "for=\"203.0.113.9:4711\"", "203.0.113.9:4711" },
        { "for=\"203.0.113.9:_port\"", "203.0.113.9:0" },
        { "for=\"\\2\\03.0.113.9\"", "203.0.113.9:0" },

        // What a client has written is not looked at, but it must be well-formed.
        { "for=6.6.6.6;proto=https, for=203.0.113.9;proto=http", "203.0.113.9:0 http" },
        { "for=6.6.6.6\nfor=203.0.113.9", "203.0.113.9:0" },
        { "for=6.6.6.6;x=\"\\\", for=10.0.0.1\", for=203.0.113.9", "203.0.113.9:0" },
        { "for=6.6.6.6, by=\", \", for=203.0.113.9", "203.0.113.9:0" },
        { ", for=203.0.113.9", "203.0.113.9:0" },
        { "for=unknown, for=203.0.113.9", "203.0.113.9:0" },

        // A quote that the client leaves open swallows what the proxy has written.
        { "for=\"6.6.6.6, for=203.0.113.9", "400" },
        { "for=6.6.6.6;x=\", for=203.0.113.9", "400" },
        { "for=6.6.6.6;x=\"\\, for=\"203.0.113.9\"", "400" },
        { "for=6.6.6.6;x=\", for=\"[2001:db8::9]\"", "400" },
        { "for=6.6.6.6;x=\"\nfor=203.0.113.9", "400" },
        { "for=6.6.6.6;x=\"\\", "400" },

        // Nobody: unknown and obfuscated identifiers (§6.2, §6.3), and what is no node.
        { "for=6.6.6.6, for=unknown", Nobody },
        { "for=6.6.6.6, for=_hidden;proto=https", "nobody https" },
        { "for=6.6.6.6, for=\"_gazonk\"", Nobody },
        { "for=6.6.6.6, proto=https", "nobody https" },
        { "for=6.6.6.6, ", Nobody },
        { "for=6.6.6.6, by=203.0.113.9", Nobody },
        { "for=6.6.6.6, for=unknown, for=10.0.0.2", "10.0.0.2:0" },
        { "for=6.6.6.6, for=\"2001:db8::9\"", Nobody },
        { "for=6.6.6.6, for=\"unix:\"", Nobody },
        { "for=6.6.6.6, for=\"\"", Nobody },
        { "for=6.6.6.6, for=\"203.0.113.9 \"", Nobody },
        { "for=6.6.6.6, for=\"203.0.113.9:_\"", Nobody },
        { "for=6.6.6.6, for=\"203.0.113.9:_a b\"", Nobody },
        { $"for=6.6.6.6, for=\"{new string('0', 100)}203.0.113.9\"", Nobody },

        // Malformed, wherever it stands.
        { "203.0.113.9", "400" },
        { "for", "400" },
        { "for=", "400" },
        { "=203.0.113.9", "400" },
        { "for =203.0.113.9", "400" },
        { "for= 203.0.113.9", "400" },
        { "for=[2001:db8::9]", "400" },
        { "for=203.0.113.9:80", "400" },
        { "for=203.0.113.9 proto=http", "400" },
        { "for=\"203.0.113.9\"x", "400" },
        { "for=203.0.113.9;for=6.6.6.6", "400" },
        { "for=203.0.113.9;For=203.0.113.9", "400" },
        { "proto=http;for=203.0.113.9;proto=https", "400" },
        { "=, for=203.0.113.9", "400" },
    };

    [Theory]
    [MemberData(nameof(XForwardedFor))]
    public void X_Forwarded_For_is_read_from_the_right_as_far_as_proxies_are_trusted(string lines, string expected)
        => Assert.Equal(expected, Read([.. FieldsOf("X-Forwarded-For", lines)]));

    [Theory]
    [MemberData(nameof(Forwarded))]
    public void Forwarded_is_read_from_the_right_as_far_as_proxies_are_trusted(string lines, string expected)
        => Assert.Equal(expected, Read([.. FieldsOf("Forwarded", lines)]));

    // The scheme is that of the outermost trusted proxy's element, or the leftmost there is.
    [Theory]
    [InlineData("203.0.113.9", "https", "203.0.113.9:0 https")]
    [InlineData("203.0.113.9", "HTTP", "203.0.113.9:0 http")]
    [InlineData("203.0.113.9", "wss", "203.0.113.9:0 https")]
    [InlineData("203.0.113.9", "ws", "203.0.113.9:0 http")]
    [InlineData("203.0.113.9", "https, http", "203.0.113.9:0 http")]
    [InlineData("203.0.113.9", "https\nhttp", "203.0.113.9:0 http")]
    [InlineData("6.6.6.6, 203.0.113.9, 10.0.0.2", "http, https, http", "203.0.113.9:0 https")]
    [InlineData("203.0.113.9, 10.0.0.2", "https", "203.0.113.9:0 https")]
    [InlineData("203.0.113.9", "https;", "203.0.113.9:0")]
    [InlineData("203.0.113.9", "", "203.0.113.9:0")]
    [InlineData("203.0.113.9", "https, ", "203.0.113.9:0")]
    [InlineData(null, "https", "nobody https")]
    [InlineData("unknown", "https", "nobody https")]
    public void X_Forwarded_Proto_tells_the_scheme(string? addresses, string scheme, string expected)
        => Assert.Equal(expected, Read([.. FieldsOf("X-Forwarded-For", addresses), .. FieldsOf("X-Forwarded-Proto", scheme)]));

    // Through a proxy that writes one of them the client may write the other.
    [Theory]
    [InlineData("203.0.113.9", "for=6.6.6.6", "400", "203.0.113.9:0", "6.6.6.6:0")]
    [InlineData("6.6.6.6", "for=203.0.113.9", "400", "6.6.6.6:0", "203.0.113.9:0")]
    [InlineData("203.0.113.9", "for=unknown", "400", "203.0.113.9:0", Nobody)]
    [InlineData("6.6.6.6", "for=_hidden", "400", "6.6.6.6:0", Nobody)]
    [InlineData("203.0.113.9", "for=", "400", "203.0.113.9:0", "400")]
    [InlineData("203.0.113.9", "for=\"203.0.113.9:4711\"", "203.0.113.9:4711", "203.0.113.9:0", "203.0.113.9:4711")]
    [InlineData("6.6.6.6, 203.0.113.9", "for=203.0.113.9", "203.0.113.9:0", "203.0.113.9:0", "203.0.113.9:0")]
    [InlineData("unknown", "for=unknown", Nobody, Nobody, Nobody)]
    [InlineData("203.0.113.9", null, "203.0.113.9:0", "203.0.113.9:0", Nobody)]
    [InlineData(null, "for=203.0.113.9", "203.0.113.9:0", Nobody, "203.0.113.9:0")]
    [InlineData(null, null, Nobody, Nobody, Nobody)]
    public void Both_kinds_of_fields_must_agree_unless_one_is_named(string? older, string? newer, string either, string xForwarded, string forwarded)
    {
        string[] fields = [.. FieldsOf("X-Forwarded-For", older), .. FieldsOf("Forwarded", newer)];

        Assert.Equal(either, Read(fields));
        Assert.Equal(xForwarded, Read(fields, ForwardingHeaders.XForwarded));
        Assert.Equal(forwarded, Read(fields, ForwardingHeaders.Forwarded));
    }

    [Fact]
    public void Both_kinds_of_fields_must_not_tell_two_schemes()
    {
        Assert.Equal("400", Read(["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "Forwarded: for=203.0.113.9;proto=http"]));
        Assert.Equal("203.0.113.9:0 https", Read(["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "Forwarded: for=203.0.113.9;proto=wss"]));
    }

    [Theory]
    [InlineData("X-Forwarded-Host: evil.example")]
    [InlineData("X-Real-IP: 6.6.6.6")]
    [InlineData("Forwarded-For: 6.6.6.6")]
    [InlineData("X_Forwarded_For: 6.6.6.6")]
    [InlineData("Client-IP: 6.6.6.6")]
    public void No_other_field_names_anybody(string field) => Assert.Equal(Nobody, Read([field]));

    [Fact]
    public void No_more_proxies_are_believed_than_there_may_be()
    {
        var proxies = string.Concat(Enumerable.Range(1, ForwardedClient.MaxProxyCount - 1).Reverse().Select(number => $", 10.0.1.{number}"));

        Assert.Equal("203.0.113.9:0", Read([$"X-Forwarded-For: 203.0.113.9{proxies}"]));
        Assert.Equal("10.0.2.0:0", Read([$"X-Forwarded-For: 203.0.113.9, 10.0.2.0{proxies}"]));
        Assert.Equal("203.0.113.9:0", Read([$"Forwarded: for=203.0.113.9{proxies.Replace(" ", " for=", StringComparison.Ordinal)}"]));
        Assert.Equal("400", Read([$"Forwarded: for=6.6.6.6, for=203.0.113.9{proxies.Replace(" ", " for=", StringComparison.Ordinal)}"]));
    }

    [Fact]
    public void Very_many_elements_are_not_looked_at()
        => Assert.Equal("203.0.113.9:0", Read([$"X-Forwarded-For: {string.Concat(Enumerable.Repeat("6.6.6.6,", 10_000))}203.0.113.9"]));

    private static IEnumerable<string> FieldsOf(string name, string? lines) => lines is null ? [] : lines.Split('\n').Select(line => $"{name}: {line}");

    private static string Read(string[] fields, ForwardingHeaders headers = ForwardingHeaders.Either)
    {
        using var head = new RequestHead(new RequestHeadLimits(1 << 20, 1 << 20, 1 << 10));
        var bytes = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\n{string.Concat(fields.Select(field => field + "\r\n"))}\r\n"));
        Assert.True(head.TryRead(ref bytes));
        try
        {
            var client = ForwardedClient.Read(head, Trusted, headers);
            return (client.EndPoint?.ToString() ?? Nobody) + client.IsSecure switch { true => " https", false => " http", null => "" };
        }
        catch (RequestRefusedException refusal)
        {
            return $"{(int)refusal.Status}";
        }
    }
}
