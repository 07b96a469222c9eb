namespace RawWs.SocketIO.Tests.Engine;

/// <summary>What browsers are told of pages of other origins.</summary>
public sealed class CorsTests
{
    [Fact]
    public async Task Pages_of_other_origins_are_allowed_where_the_application_says_so()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.Cors = new CorsPolicy
        {
            Origins = ["https://a.example"],
            AllowCredentials = true,
            MaxAge = TimeSpan.FromMinutes(1),
        });
        await using var client = server.Connect();

        var preflight = await client.RequestAsync("OPTIONS", "EIO=4&transport=polling", headers: "Origin: https://a.example\r\nAccess-Control-Request-Headers: x-one\r\n");
        var allowed = await client.RequestAsync("GET", "EIO=4&transport=polling", headers: "Origin: https://a.example\r\n");
        var refusal = await client.RequestAsync("GET", "EIO=4&transport=x", headers: "Origin: https://a.example\r\n");
        var other = await client.RequestAsync("GET", "EIO=4&transport=polling", headers: "Origin: https://b.example\r\n");

        Assert.Equal((204, "https://a.example", "x-one", "true", "60"), (preflight.Status, preflight.Field("Access-Control-Allow-Origin"),
            preflight.Field("Access-Control-Allow-Headers"), preflight.Field("Access-Control-Allow-Credentials"), preflight.Field("Access-Control-Max-Age")));
        Assert.Equal((200, "https://a.example", "Origin"), (allowed.Status, allowed.Field("Access-Control-Allow-Origin"), allowed.Field("Vary")));
        Assert.Equal((400, "https://a.example"), (refusal.Status, refusal.Field("Access-Control-Allow-Origin")));
        Assert.Equal((200, null), (other.Status, other.Field("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("https://a.example", false, "https://a.example", "https://a.example", "Origin")]
    [InlineData("https://a.example", false, "https://A.example", "https://A.example", "Origin")]
    [InlineData("https://a.example", false, "https://b.example", null, "Origin")]
    [InlineData("https://a.example", false, null, null, "Origin")]
    [InlineData("https://a.example", true, "https://b.example", null, "Origin")]
    [InlineData("*", false, "https://b.example", "*", null)]
    [InlineData("*", false, null, "*", null)]
    [InlineData("*", true, "https://b.example", "https://b.example", "Origin")]
    [InlineData("*", true, "https://b\u00E9.example", null, "Origin")]
    [InlineData("*", true, null, null, "Origin")]
    public async Task Who_may_read_an_answer_is_told_to_its_browser_and_to_caches(string allowed, bool withCredentials, string? origin, string? answer, string? vary)
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.Cors = new CorsPolicy { Origins = [allowed], AllowCredentials = withCredentials });
        await using var client = server.Connect();

        var response = await client.RequestAsync("GET", "EIO=4&transport=polling", headers: origin is null ? "" : $"Origin: {origin}\r\n");

        Assert.Equal(
            (200, answer, vary, withCredentials ? "true" : null),
            (response.Status, response.Field("Access-Control-Allow-Origin"), response.Field("Vary"), response.Field("Access-Control-Allow-Credentials")));
    }

    [Fact]
    public async Task What_pages_may_set_and_read_is_told_where_the_application_names_it()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            configure: options => options.Cors = new CorsPolicy { Origins = ["*"], AllowedHeaders = ["X-A", "X-B"], ExposedHeaders = ["X-C", "X-D"] });
        await using var client = server.Connect();

        var preflight = await client.RequestAsync("OPTIONS", "EIO=4&transport=polling", headers: "Origin: https://a.example\r\nAccess-Control-Request-Headers: x-one\r\n");

        Assert.Equal((204, "X-A,X-B", null), (preflight.Status, preflight.Field("Access-Control-Allow-Headers"), preflight.Field("Vary")));
        Assert.Equal("X-C,X-D", (await client.RequestAsync("GET", "EIO=4&transport=polling", headers: "Origin: https://a.example\r\n")).Field("Access-Control-Expose-Headers"));
    }

    [Fact]
    public async Task A_preflight_that_asks_for_what_no_header_may_hold_is_given_none()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.Cors = new CorsPolicy { Origins = ["*"] });
        await using var client = server.Connect();

        var preflight = await client.RequestAsync("OPTIONS", "EIO=4&transport=polling", headers: "Origin: https://a.example\r\nAccess-Control-Request-Headers: x-\u00E9\r\n");

        Assert.Equal((204, null), (preflight.Status, preflight.Field("Access-Control-Allow-Headers")));
    }

    [Fact]
    public async Task What_a_preflight_is_answered_depends_on_what_it_asks_for()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.Cors = new CorsPolicy { Origins = ["*"] });
        await using var client = server.Connect();

        var preflight = await client.RequestAsync("OPTIONS", "EIO=4&transport=polling", headers: "Origin: https://a.example\r\nAccess-Control-Request-Headers: x-one\r\n");

        Assert.Equal(("*", "x-one", "Access-Control-Request-Headers"), (preflight.Field("Access-Control-Allow-Origin"), preflight.Field("Access-Control-Allow-Headers"), preflight.Field("Vary")));
    }
}
