using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class ExtensionHeaderTests
{
    private const string Name = "Sec-WebSocket-Extensions";

    // Offers are written here as the header has them, values in brackets so that "no value" and "empty" differ.
    [Theory]
    [InlineData("permessage-deflate", "permessage-deflate")]
    [InlineData("permessage-deflate; client_max_window_bits", "permessage-deflate;client_max_window_bits")]
    [InlineData("permessage-deflate;a;b=1;c", "permessage-deflate;a;b[1];c")]
    [InlineData("permessage-deflate \t;\t a = 1 ;  b", "permessage-deflate;a[1];b")]
    [InlineData("foo, bar; baz=2", "foo|bar;baz[2]")]
    [InlineData("x;a=1,x;a=2,x", "x;a[1]|x;a[2]|x")]
    [InlineData("x; a; a; A", "x;a;a;A")]
    [InlineData("constructor; __proto__=1, toString; hasOwnProperty", "constructor;__proto__[1]|toString;hasOwnProperty")]
    [InlineData("!#$%&'*+-.^_`|~; 09AZaz=!", "!#$%&'*+-.^_`|~;09AZaz[!]")]
    public void Offers_are_read_in_the_order_of_the_client(string value, string expected)
        => Assert.Equal(expected, Read($"{Name}: {value}\r\n"));

    // RFC 6455 §9.1: the quoted form has the same meaning as the token in it.
    [Theory]
    [InlineData("""x; a="10" """, "x;a[10]")]
    [InlineData("""x; a = "10" ; b""", "x;a[10];b")]
    [InlineData("""x; a="1\0" """, "x;a[10]")]
    [InlineData("""x; a="\1\0",y""", "x;a[10]|y")]
    [InlineData("""x;a="token";b="!#$%&'*+-.^_`|~" """, "x;a[token];b[!#$%&'*+-.^_`|~]")]
    public void Quoted_values_are_read_without_their_quotes_and_escapes(string value, string expected)
        => Assert.Equal(expected, Read($"{Name}: {value}\r\n"));

    // RFC 9110 §5.6.1.2: "A recipient MUST parse and ignore a reasonable number of empty list elements".
    [Theory]
    [InlineData(",x", "x")]
    [InlineData("x,", "x")]
    [InlineData(" , ,\t,x ,, , y\t,,", "x|y")]
    public void Empty_elements_are_passed_over(string value, string expected) => Assert.Equal(expected, Read($"{Name}: {value}\r\n"));

    [Theory]
    [InlineData("Sec-WebSocket-Extensions: b\r\nX: y\r\nsec-websocket-extensions: a; p, c\r\n", "b|a;p|c")]
    [InlineData("Sec-WebSocket-Extensions:\r\nSEC-WEBSOCKET-EXTENSIONS: a\r\n", "a")]
    [InlineData("Sec-WebSocket-Extensions: a,\r\nSec-WebSocket-Extensions: ,b\r\n", "a|b")]
    [InlineData("X-Sec-WebSocket-Extensions: a\r\n", "")]
    [InlineData("", "")]
    public void Several_lines_are_one_list(string fields, string expected) => Assert.Equal(expected, Read(fields));

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData(" , \t,")]
    [InlineData(";")]
    [InlineData("; a")]
    [InlineData("x;")]
    [InlineData("x; ;a")]
    [InlineData("x;;a")]
    [InlineData("x; a;")]
    [InlineData("x; a;, y")]
    [InlineData("x; =1")]
    [InlineData("x; a=")]
    [InlineData("x; a=,y")]
    [InlineData("x; a=;b")]
    [InlineData("x; a==1")]
    [InlineData("x; a=1=2")]
    [InlineData("x=1")]
    [InlineData("x y")]
    [InlineData("x; a b")]
    [InlineData("x; a=1 2")]
    [InlineData("x/y")]
    [InlineData("x; a/b")]
    [InlineData("x; a=b/c")]
    [InlineData("x; a=(b)")]
    [InlineData("\"x\"")]
    [InlineData("x; \"a\"")]
    [InlineData("x; a=\"\"")]
    [InlineData("x; a=\"")]
    [InlineData("x; a=\"1")]
    [InlineData("x; a=\"1\\")]
    [InlineData("x; a=\"1\\\"")]
    [InlineData("x; a=\"1 0\"")]
    [InlineData("x; a=\"1,0\"")]
    [InlineData("x; a=\"1;0\"")]
    [InlineData("x; a=\"\\\"\"")]
    [InlineData("x; a=\"1\"0")]
    [InlineData("x; a=\"1\"\"0\"")]
    [InlineData("x; a=1\"0\"")]
    [InlineData("x; a='1,0\xe9'")]
    [InlineData("\xe9")]
    [InlineData("x; a=\"\xe9\"")]
    [InlineData("permessage-deflate, x;")]
    public void Malformed_list_is_refused_with_400(string value) => Assert.Equal("400", Read($"{Name}: {value}\r\n"));

    // What is malformed in one line spoils all of them: §9.1 leaves no choice.
    [Fact]
    public void Malformed_line_among_good_ones_is_refused_with_400()
        => Assert.Equal("400", Read($"{Name}: a\r\n{Name}: b;\r\n{Name}: c\r\n"));

    [Fact]
    public void Thousand_offers_are_all_read()
    {
        string[] offers = [.. Enumerable.Range(0, 1000).Select(number => $"permessage-deflate;p{number}")];
        Assert.Equal(string.Join('|', offers), Read($"{Name}: {string.Join(", ", offers)}\r\n"));
    }

    [Fact]
    public void Thousand_parameters_are_all_read()
    {
        string[] parameters = [.. Enumerable.Range(0, 1000).Select(number => $"p{number}")];
        Assert.Equal($"x;{string.Join(';', parameters)}", Read($"{Name}: x; {string.Join("; ", parameters)}\r\n"));
    }

    // CVE-2021-32640 and CVE-2020-7662 of other servers: quadratic time. What allocates by the length, or looks at it again and again, shows here: the
    // larger list may cost eight times as much and not sixty-four times.
    [Theory]
    [InlineData(",")]
    [InlineData(" ")]
    [InlineData(" ,")]
    [InlineData("\t,\t")]
    public void Long_list_of_nothing_allocates_nothing_by_its_length(string separators)
    {
        var padding = string.Concat(Enumerable.Repeat(separators, 64 * 1024 / separators.Length));
        var head = SampleRequest.Read($"{Name}: a,{padding},b{padding}\r\n");
        Assert.Equal(2, ExtensionHeader.Read(head).Count);

        Assert.InRange(Allocation.Of(() => ExtensionHeader.Read(head)), 0, 1024);
    }

    [Theory]
    [InlineData(";", "400")]
    [InlineData("; ", "400")]
    [InlineData("a;", "400")]
    [InlineData("\\", "400")]
    [InlineData("\"", "400")]
    [InlineData("=", "400")]
    [InlineData("a", null)]
    public void Long_value_of_one_thing_is_read_or_refused_once(string repeated, string? expected)
    {
        var value = string.Concat(Enumerable.Repeat(repeated, 64 * 1024 / repeated.Length));
        Assert.Equal(expected ?? value, Read($"{Name}: {value}\r\n"));
        Assert.Equal(expected is null ? $"x;a[{value}]" : "400", Read($"{Name}: x; a={value}\r\n"));
        Assert.Equal(expected is null ? $"x;a[{value}]" : "400", Read($"{Name}: x; a=\"{value}\"\r\n"));
    }

    // A quadratic reader takes minutes for this, a linear one milliseconds; no limit is a clock's, but the suite would not end.
    [Fact]
    public void Megabyte_of_every_separator_is_read_or_refused()
    {
        foreach (var repeated in (string[])[",", "a,", "a;b,", "a;b=c,", "a;b=\"\\c\"\t,\t"])
        {
            var value = string.Concat(Enumerable.Repeat(repeated, 1_000_000 / repeated.Length));
            var count = repeated == "," ? 1 : 1_000_000 / repeated.Length + 1;
            Assert.Equal(count, ExtensionHeader.Read(SampleRequest.Read($"{Name}: {value}z\r\n")).Count);
        }
    }

    private static string Read(string fields)
    {
        try
        {
            return string.Join('|', ExtensionHeader.Read(SampleRequest.Read(fields)).Select(offer
                => offer.Name + string.Concat(offer.Parameters.Select(parameter
                    => $";{parameter.Key}{(parameter.Value is null ? "" : $"[{parameter.Value}]")}"))));
        }
        catch (RequestRefusedException refusal)
        {
            return $"{(int)refusal.Status}";
        }
    }
}
