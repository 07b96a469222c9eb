using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class HttpGrammarTests
{
    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    // RFC 9110 §5.6.2, in its order.
    private const string TokenChars = "!#$%&'*+-.^_`|~" + Alphanumeric;

    [Fact]
    public void Token_is_one_or_more_of_its_characters_and_of_no_other()
    {
        for (var value = 0; value <= 0xFF; value++)
        {
            var isTokenChar = TokenChars.Contains((char)value, StringComparison.Ordinal);

            Assert.Equal(isTokenChar, HttpGrammar.IsToken([(byte)value]));
            Assert.Equal(isTokenChar, HttpGrammar.IsToken([(char)value]));
            Assert.Equal(isTokenChar, HttpGrammar.IsToken([(byte)'a', (byte)value, (byte)'z']));
            Assert.Equal(isTokenChar, HttpGrammar.IsToken(['a', (char)value, 'z']));
        }

        Assert.False(HttpGrammar.IsToken(ReadOnlySpan<byte>.Empty));
        Assert.False(HttpGrammar.IsToken(ReadOnlySpan<char>.Empty));
        Assert.False(HttpGrammar.IsToken("\u0141")); // its low byte is an A
    }

    // RFC 9110 §5.5: field-vchar, obs-text, SP and HTAB. CR, LF and NUL are "invalid and dangerous".
    [Fact]
    public void Received_value_has_no_control_character_but_the_tab()
    {
        for (var value = 0; value <= 0xFF; value++)
            Assert.Equal(value is '\t' or (>= 0x20 and not 0x7F), HttpGrammar.IsFieldValue([(byte)'a', (byte)value]));

        Assert.True(HttpGrammar.IsFieldValue([]));
    }

    [Fact]
    public void Sent_value_is_visible_ASCII_spaces_and_tabs()
    {
        for (var value = 0; value <= char.MaxValue; value++)
        {
            if (HttpGrammar.IsSendableFieldValue(['a', (char)value]) != value is '\t' or (>= ' ' and <= '~'))
                Assert.Fail($"U+{value:X4}");
        }

        Assert.True(HttpGrammar.IsSendableFieldValue(""));
    }

    // RFC 3986 without the fragment, and what WHATWG's URL serializer leaves as it is.
    [Fact]
    public void Target_has_no_byte_that_must_be_escaped()
    {
        const string TargetChars = "-._~:/?[]@!$&'()*+,;=%|{}^`" + Alphanumeric;

        for (var value = 0; value <= 0xFF; value++)
            Assert.Equal(TargetChars.Contains((char)value, StringComparison.Ordinal), HttpGrammar.IsTarget([(byte)'/', (byte)value]));

        Assert.False(HttpGrammar.IsTarget([]));
    }

    [Theory]
    [InlineData("server.example.com", true)]
    [InlineData("SERVER", true)]
    [InlineData("localhost:8080", true)]
    [InlineData("127.0.0.1:80", true)]
    [InlineData("xn--bcher-kva.example", true)]
    [InlineData("a_b", true)]
    [InlineData("host:", true)] // port = *DIGIT
    [InlineData("host:65535", true)]
    [InlineData("[::1]", true)]
    [InlineData("[2001:db8::1]:443", true)]
    [InlineData("[::ffff:192.0.2.1]", true)]
    [InlineData("", false)]
    [InlineData(":80", false)]
    [InlineData("host:123456", false)]
    [InlineData("host:80a", false)]
    [InlineData("host:+80", false)]
    [InlineData("host:80:80", false)]
    [InlineData("host: 80", false)]
    [InlineData("a b", false)]
    [InlineData("a\tb", false)]
    [InlineData("a/b", false)]
    [InlineData("a\\b", false)]
    [InlineData("a?b", false)]
    [InlineData("a#b", false)]
    [InlineData("user@host", false)]
    [InlineData("<host>", false)]
    [InlineData("h\xf6st", false)]
    [InlineData("::1", false)]
    [InlineData("[]", false)]
    [InlineData("[::1", false)]
    [InlineData("::1]", false)]
    [InlineData("[::1]a", false)]
    [InlineData("[::1]80", false)]
    [InlineData("[::g]", false)]
    [InlineData("[[::1]]", false)]
    public void Host_is_a_name_or_an_address_and_perhaps_a_port(string host, bool isHost)
        => Assert.Equal(isHost, HttpGrammar.IsHost(Encoding.Latin1.GetBytes(host)));

    [Theory]
    [InlineData("", "")]
    [InlineData(" ", "")]
    [InlineData("\t \t", "")]
    [InlineData("a", "a")]
    [InlineData(" a\tb\t", "a\tb")]
    [InlineData("\r\na\r\n", "\r\na\r\n")]
    [InlineData("\xa0" + "a", "\xa0" + "a")]
    public void Only_spaces_and_tabs_are_trimmed(string text, string expected)
        => Assert.Equal(expected, Encoding.Latin1.GetString(HttpGrammar.Trim(Encoding.Latin1.GetBytes(text))));
}
