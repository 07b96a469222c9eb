using System.Text;
using RawWs.SocketIO.Engine;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Tests.Engine;

public sealed class JsonpTests
{
    [Fact]
    public async Task What_a_page_polls_is_a_script_that_calls_it_and_what_it_posts_is_a_form()
    {
        await using var server = await StartAsync();
        await using var client = server.Connect("3");
        var open = await client.RequestAsync("GET", "EIO=3&transport=polling&j=0");
        client.TakeSid(open.Text);

        Assert.Equal("text/javascript; charset=UTF-8", open.Field("Content-Type"));
        Assert.Matches("""^___eio\[0\]\("118:0\{\\"sid\\":\\"[A-Za-z0-9_-]{20}\\",.*\}"\);$""", open.Text);
        Assert.Equal("___eio[0](\"2:40\");", (await client.RequestAsync("GET", client.SessionQuery + "&j=0")).Text);
        var posted = await client.RequestAsync("POST", client.SessionQuery + "&j=0", "d=" + Uri.EscapeDataString("19:42[\"hello\",\"a\\\\nb\u2028\"]"));
        Assert.Equal((200, "ok", "text/html"), (posted.Status, posted.Text, posted.Field("Content-Type")));
        Assert.Equal("___eio[12](\"19:42[\\\"hello\\\",\\\"a\\\\nb\\u2028\\\"]\");", (await client.RequestAsync("GET", client.SessionQuery + "&j=1)2")).Text);
    }

    [Fact]
    public async Task A_script_has_bytes_as_base64()
    {
        await using var server = await StartAsync();
        await using var client = server.Connect("3");
        await client.BeginPollingAsync("&j=0");
        await client.PollAsync();
        await client.RequestAsync("POST", client.SessionQuery + "&j=0", "d=" + Uri.EscapeDataString("39:451-[\"a\",{\"_placeholder\":true,\"num\":0}]6:b4AQI="));

        Assert.EndsWith("6:b4AQI=\");", (await client.RequestAsync("GET", client.SessionQuery + "&j=0")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cross-site", "Cookie: a=b\r\n", "EIO=3&j=0", 403)]
    [InlineData("same-origin", "Cookie: a=b\r\n", "EIO=3&j=0", 200)]
    [InlineData("cross-site", "", "EIO=3&j=0", 200)]
    [InlineData("cross-site", "Cookie: a=b\r\n", "EIO=3", 200)] // No script: what pages of other origins may read is for the policy to say.
    [InlineData("cross-site", "Cookie: a=b\r\n", "EIO=4&j=0", 200)] // Nor is this one.
    public async Task A_page_of_another_site_may_not_use_it_with_cookies(string site, string headers, string query, int status)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect("3");

        Assert.Equal(status, (await client.RequestAsync("GET", "transport=polling&" + query, headers: $"Sec-Fetch-Site: {site}\r\n{headers}")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x=1")]
    [InlineData("d=")]
    [InlineData("d=%31%3")]
    public async Task A_form_without_packets_ends_the_session(string form)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect("3");
        await client.BeginPollingAsync("&j=0");

        Assert.Equal(400, (await client.RequestAsync("POST", client.SessionQuery + "&j=0", form)).Status);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task Clients_of_protocol_4_are_answered_as_ever()
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();

        var open = (await client.RequestAsync("GET", "EIO=4&transport=polling&j=0")).Text;
        Assert.StartsWith("0{\"sid\"", open, StringComparison.Ordinal);
        client.TakeSid(open);
        Assert.Equal("ok", (await client.RequestAsync("POST", client.SessionQuery + "&j=0", "40")).Text);
        Assert.StartsWith("40{\"sid\"", (await client.RequestAsync("GET", client.SessionQuery + "&j=0")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("d=a%2Bb+c%C3%A9", "a+b cé")]
    [InlineData("x=1&d=1&d=2", "1")]
    [InlineData("d=a\\nb", "a\nb")]
    [InlineData("d=a\\\\nb", "a\\nb")]
    [InlineData("d=a\\\\\\nb", "a\\\\nb")]
    [InlineData("d=a\\b\\", "a\\b\\")]
    [InlineData("d=%zz%", "%zz%")]
    public void A_form_is_decoded_and_its_lines_are_restored(string form, string text)
        => Assert.Equal(text, Encoding.UTF8.GetString(Jsonp.ReadForm(Encoding.UTF8.GetBytes(form)).Span));

    [Fact]
    public void What_would_end_a_string_or_a_line_of_a_script_is_escaped()
        => Assert.Equal("___eio[0](\"\\\"\\\\\\n\\u2028\\u2029\");", Encoding.UTF8.GetString(Jsonp.Wrap(new PollingBody(Encoding.UTF8.GetBytes("\"\\\n\u2028\u2029")), "0").Bytes.Span));

    private static Task<SocketIOTestServer> StartAsync()
        => SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket => socket.OnAny(received => socket.EmitAsync(received.Name, [.. received.Values]))), options => options.AllowEio3 = true);
}
