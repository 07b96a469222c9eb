namespace RawWs.Tests.Protocol;

public class ResponseHeadersTests
{
    [Fact]
    public void Fields_are_kept_in_order_and_names_may_repeat()
    {
        var headers = new ResponseHeaders { { "Set-Cookie", "a=1; HttpOnly" }, { "X-Tab", "a\tb ~" }, { "Set-Cookie", "b=2" }, { "X-Empty", "" } };

        Assert.Equal(4, headers.Count);
        Assert.Equal(
            [new("Set-Cookie", "a=1; HttpOnly"), new("X-Tab", "a\tb ~"), new("Set-Cookie", "b=2"), new("X-Empty", "")],
            headers.ToArray());
    }

    // CVE-2026-1527 of another library: text from elsewhere must not end a line and begin another.
    [Theory]
    [InlineData("a\r\nSet-Cookie: b=1")]
    [InlineData("a\r")]
    [InlineData("\n")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\x1f")]
    [InlineData("a\x7f")]
    [InlineData("é")]
    [InlineData("\u010d\u010a")] // CR and LF if only the low bytes were sent
    [InlineData("\u2028")]
    [InlineData("😀")]
    public void Value_that_could_split_the_response_is_refused(string text)
    {
        var headers = new ResponseHeaders();

        Assert.Throws<ArgumentException>("value", () => headers.Add("X-Name", text));
        Assert.Equal(0, headers.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("X Name")]
    [InlineData("X-Name:")]
    [InlineData("X-Name\r\nY")]
    [InlineData("X-Name\0")]
    [InlineData("X-Näme")]
    [InlineData("(X)")]
    [InlineData("\u0158-Name")] // an X if only the low byte were sent
    public void Name_that_is_no_token_is_refused(string text)
        => Assert.Throws<ArgumentException>("name", () => new ResponseHeaders().Add(text, "value"));

    [Theory]
    [InlineData("Upgrade")]
    [InlineData("CONNECTION")]
    [InlineData("content-length")]
    [InlineData("Content-Type")]
    [InlineData("Date")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Sec-WebSocket-Accept")]
    [InlineData("Sec-WebSocket-Protocol")]
    [InlineData("sec-websocket-extensions")]
    [InlineData("Sec-WebSocket-Anything")]
    public void Name_that_the_server_writes_itself_is_refused(string text)
        => Assert.Throws<ArgumentException>("name", () => new ResponseHeaders().Add(text, "value"));

    [Theory]
    [InlineData("Upgrade-Insecure-Requests")]
    [InlineData("Sec-Anything")]
    [InlineData("Server")]
    [InlineData("Retry-After")]
    public void Name_that_only_resembles_one_is_accepted(string name)
    {
        var headers = new ResponseHeaders { { name, "value" } };
        Assert.Equal(name, Assert.Single(headers).Key);
    }

    [Fact]
    public void Null_is_refused()
    {
        Assert.Throws<ArgumentNullException>("name", () => new ResponseHeaders().Add(null!, "value"));
        Assert.Throws<ArgumentNullException>("value", () => new ResponseHeaders().Add("X-Name", null!));
    }
}
