using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class RequestTargetTests
{
    [Theory]
    [InlineData("/", "/", "")]
    [InlineData("/chat", "/chat", "")]
    [InlineData("/chat/", "/chat/", "")]
    [InlineData("/chat?", "/chat", "")]
    [InlineData("/chat?room=1&x", "/chat", "room=1&x")]
    [InlineData("/chat?a?b", "/chat", "a?b")]
    [InlineData("/chat?next=/../etc", "/chat", "next=/../etc")]
    [InlineData("/chat?%zz%", "/chat", "%zz%")]
    [InlineData("/?://x", "/", "://x")]
    [InlineData("//double", "//double", "")]
    [InlineData("/a|b{c}", "/a|b{c}", "")]
    public void Origin_form_is_split_at_the_first_question_mark(string target, string path, string query)
        => Assert.Equal(new RequestTarget(path, query), Read(target));

    [Theory]
    [InlineData("http://server.example.com/chat?x", "/chat", "x")]
    [InlineData("https://server.example.com:443/chat", "/chat", "")]
    [InlineData("ws://server.example.com", "/", "")]
    [InlineData("WSS://[::1]:8080/chat", "/chat", "")]
    [InlineData("ws://server.example.com?x=/y", "/", "x=/y")]
    public void Absolute_form_loses_scheme_and_authority(string target, string path, string query)
        => Assert.Equal(new RequestTarget(path, query), Read(target));

    [Theory]
    [InlineData("/chat", "server.example.com", true)]
    [InlineData("//elsewhere.example.com/chat", "server.example.com", true)]
    [InlineData("http://server.example.com/chat", "server.example.com", true)]
    [InlineData("http://Server.Example.com?x", "server.example.COM", true)]
    [InlineData("http://server.example.com:80/chat", "server.example.com", true)]
    [InlineData("ws://server.example.com", "server.example.com:80", true)]
    [InlineData("WSS://[::1]:443", "[::1]", true)]
    [InlineData("https://server.example.com:8443/chat", "server.example.com:8443", true)]
    [InlineData("http://elsewhere.example.com/chat", "server.example.com", false)]
    [InlineData("http://server.example.com/chat", "server.example.com:8080", false)]
    [InlineData("http://server.example.com:443/chat", "server.example.com", false)]
    [InlineData("https://server.example.com/chat", "server.example.com:80", false)]
    [InlineData("http://server.example.com.:80/chat", "server.example.com", false)]
    public void Absolute_form_is_for_the_host_that_it_names(string target, string host, bool isForIt)
        => Assert.Equal(isForIt, RequestTarget.IsFor(Encoding.Latin1.GetBytes(target), Encoding.Latin1.GetBytes(host)));

    [Theory]
    [InlineData("/a%20b", "/a b")]
    [InlineData("/%41%5a%7A", "/AZz")]
    [InlineData("/%E2%82%ac", "/€")]
    [InlineData("/%c2%a0%c3%80", "/\u00a0À")]
    [InlineData("/%f0%9f%98%80", "/😀")]
    [InlineData("/100%25", "/100%25")]
    [InlineData("/a%3Fb?c", "/a?b")]
    [InlineData("/a%23b", "/a#b")]
    [InlineData("/a%2Fb", "/a%2Fb")]
    [InlineData("/a%2fb", "/a%2Fb")]
    [InlineData("/a%252fb", "/a%252fb")]
    public void Path_is_decoded_but_for_slash_and_percent(string target, string path) => Assert.Equal(path, Read(target).Path);

    [Theory]
    [InlineData("/...")]
    [InlineData("/.well-known")]
    [InlineData("/a..b")]
    [InlineData("/..a/b..")]
    public void Dots_that_are_no_dot_segment_are_part_of_a_name(string target) => Assert.Equal(target, Read(target).Path);

    [Theory]
    [InlineData("/.")]
    [InlineData("/..")]
    [InlineData("/../")]
    [InlineData("/a/./b")]
    [InlineData("/a/../b")]
    [InlineData("/a/..?x")]
    [InlineData("/%2e%2E/etc/passwd")]
    [InlineData("/a/.%2e/b")]
    [InlineData("/%2e")]
    [InlineData("http://h/a/../b")]
    public void Dot_segment_is_refused(string target) => AssertRefused(target);

    [Theory]
    [InlineData("/%")]
    [InlineData("/%4")]
    [InlineData("/%g0")]
    [InlineData("/%0g")]
    [InlineData("/%+1")]
    [InlineData("/%-1")]
    [InlineData("/%0x")]
    [InlineData("/%%41")]
    [InlineData("/%u0041")]
    public void Broken_percent_encoding_is_refused(string target) => AssertRefused(target);

    [Theory]
    [InlineData("/%00")]
    [InlineData("/a%0d%0ab")]
    [InlineData("/%1f")]
    [InlineData("/%7F")]
    [InlineData("/%c2%80")]
    [InlineData("/a%C2%9b31m")]
    [InlineData("/%C2%9F/")]
    public void Encoded_control_character_is_refused(string target) => AssertRefused(target);

    [Theory]
    [InlineData("/%c0%af")]
    [InlineData("/%c0%ae%c0%ae/")]
    [InlineData("/%e0%80%af")]
    [InlineData("/%ed%a0%80")]
    [InlineData("/%f4%90%80%80")]
    [InlineData("/%80")]
    [InlineData("/%e2%82")]
    [InlineData("/%ff")]
    public void Encoded_bytes_that_are_not_UTF8_are_refused(string target) => AssertRefused(target);

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("chat")]
    [InlineData("?x")]
    [InlineData("server.example.com:443")]
    [InlineData("://server.example.com/")]
    [InlineData("ftp://server.example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http:/chat")]
    [InlineData("http://")]
    [InlineData("http:///chat")]
    [InlineData("http://?x")]
    [InlineData("http://user@server.example.com/")]
    [InlineData("http://user:password@server.example.com/")]
    [InlineData("http://server.example.com:port/")]
    [InlineData("http://[::1/")]
    [InlineData("http://a\\b/")]
    public void Form_that_is_neither_origin_nor_absolute_is_refused(string target) => AssertRefused(target);

    [Theory]
    [InlineData("/a#fragment")]
    [InlineData("/?a#fragment")]
    [InlineData("http://h/#")]
    public void Fragment_is_refused(string target) => AssertRefused(target);

    [Theory]
    [InlineData("/a b")]
    [InlineData("/a\tb")]
    [InlineData("/\"")]
    [InlineData("/<>")]
    [InlineData("/\0")]
    [InlineData("/\x7f")]
    [InlineData("/\xe9")]
    [InlineData("/?\xe9")]
    public void What_must_be_escaped_is_refused(string target) => AssertRefused(target);

    private static RequestTarget Read(string target) => RequestTarget.Read(Encoding.Latin1.GetBytes(target));

    private static void AssertRefused(string target)
        => Assert.Equal(400, (int)Assert.Throws<RequestRefusedException>(() => Read(target)).Status);
}
