namespace RawWs.Tests.Protocol;

public class OriginPolicyTests
{
    // origin, host, over TLS; whether the page is of the same host and port
    public static TheoryData<string, string, bool, bool> SameHost => new()
    {
        { "http://example.com", "example.com", false, true },
        { "http://Example.com", "EXAMPLE.com", false, true },
        { "http://example.com", "example.com:80", false, true },
        { "http://example.com:8080", "example.com:8080", false, true },
        { "http://[::1]:8080", "[::1]:8080", false, true },
        { "https://example.com", "example.com", true, true },
        { "https://example.com", "example.com:443", true, true },
        { "https://example.com:8443", "example.com:8443", true, true },

        // A proxy ends TLS, and we see plain TCP.
        { "https://example.com", "example.com", false, true },
        { "https://example.com", "example.com:443", false, true },

        { "http://example.com", "www.example.com", false, false },
        { "http://www.example.com", "example.com", false, false },
        { "http://example.com.evil.net", "example.com", false, false },
        { "http://evil.net", "example.com", false, false },
        { "http://example.com:8080", "example.com", false, false },
        { "http://example.com", "example.com:8080", false, false },
        { "http://example.com:443", "example.com", true, false },
        { "https://example.com:80", "example.com", true, false },
        { "https://example.com", "example.com:80", true, false },

        // Port 80 is not port 443: a page that anyone on the way could have written must not use the cookies of a TLS session.
        { "http://example.com", "example.com", true, false },
        { "http://example.com", "example.com:443", true, false },

        { "null", "example.com", false, false },
        { "null", "null", false, false },
        { "", "example.com", false, false },
        { "example.com", "example.com", false, false },
        { "http://example.com/", "example.com", false, false },
        { "http://example.com/path", "example.com", false, false },
        { "http://user@example.com", "example.com", false, false },
        { "http://example.com http://evil.net", "example.com", false, false },
    };

    [Theory]
    [MemberData(nameof(SameHost))]
    public void Same_host_means_host_and_port_of_the_page(string origin, string host, bool isSecure, bool isSame)
    {
        Assert.Equal(isSame, OriginPolicy.SameHost.Allows(origin, host, isSecure, hasCredentials: false));
        Assert.Equal(isSame, OriginPolicy.SameHost.Allows(origin, host, isSecure, hasCredentials: true));
    }

    [Theory]
    [MemberData(nameof(SameHost))]
    public void With_cookie_the_default_is_the_same_host_and_without_it_anywhere(string origin, string host, bool isSecure, bool isSame)
    {
        Assert.Equal(isSame, OriginPolicy.SameHostWithCookie.Allows(origin, host, isSecure, hasCredentials: true));
        Assert.True(OriginPolicy.SameHostWithCookie.Allows(origin, host, isSecure, hasCredentials: false));
    }

    [Theory]
    [InlineData("http://evil.net")]
    [InlineData("null")]
    [InlineData("")]
    public void Any_allows_any(string origin) => Assert.True(OriginPolicy.Any.Allows(origin, "example.com", isSecure: true, hasCredentials: true));

    [Theory]
    [InlineData("https://example.com", true)]
    [InlineData("https://a.example.net", true)]
    [InlineData("https://example.net", false)]
    [InlineData("http://example.com", false)]
    [InlineData("https://host.example", false)] // our own host is not listed
    [InlineData("null", false)]
    [InlineData("", false)]
    public void List_allows_what_is_listed_with_and_without_cookie(string origin, bool isAllowed)
    {
        var policy = OriginPolicy.Allow("https://example.com", "https://*.example.net");

        Assert.Equal(isAllowed, policy.Allows(origin, "host.example", isSecure: true, hasCredentials: true));
        Assert.Equal(isAllowed, policy.Allows(origin, "host.example", isSecure: true, hasCredentials: false));
    }

    // Programs that are not browsers send none, and no browser can be made to leave it out.
    [Fact]
    public void Request_without_origin_is_allowed_by_every_policy()
        => Assert.All(
            [OriginPolicy.SameHostWithCookie, OriginPolicy.SameHost, OriginPolicy.Any, OriginPolicy.Allow("https://example.com")],
            policy => Assert.True(policy.Allows(null, "host.example", isSecure: false, hasCredentials: true)));

    [Fact]
    public void Empty_or_malformed_list_is_the_callers_mistake()
    {
        Assert.Throws<ArgumentException>(() => OriginPolicy.Allow());
        Assert.Throws<ArgumentNullException>(() => OriginPolicy.Allow(null!));
        Assert.Throws<ArgumentException>(() => OriginPolicy.Allow("https://example.com", "*"));
    }
}
