using System.Buffers;
using RawWs.Redis.Resp;

namespace RawWs.Redis.Tests.Resp;

public sealed class RespParserTests
{
    public static TheoryData<string, string> Values => new()
    {
        { "+OK\r\n", "\"OK\"" },
        { "+\r\n", "\"\"" },
        { "-ERR no\r\n", "Error \"ERR no\"" },
        { ":0\r\n:-12\r\n:+7\r\n:9223372036854775807\r\n", "0 -12 7 9223372036854775807" },
        { "$5\r\nhello\r\n", "\"hello\"" },
        { "$0\r\n\r\n", "\"\"" },
        { "$4\r\n\r\n\u00ff\0\r\n", "\"\\x0d\\x0a\\xff\\x00\"" },
        { "$-1\r\n*-1\r\n_\r\n", "(null) (null) (null)" },
        { "*0\r\n%0\r\n~0\r\n>0\r\n", "Array[] Map[] Set[] Push[]" },
        { "*2\r\n:1\r\n*2\r\n+a\r\n$-1\r\n", "Array[1 Array[\"a\" (null) ] ]" },
        { "#t\r\n#f\r\n", "true false" },
        { ",1.5\r\n,-2\r\n,1e3\r\n,inf\r\n,-inf\r\n,nan\r\n", "1.5 -2 1000 Infinity -Infinity NaN" },
        { "(3492890328409238509324850943850943825024385\r\n(-1\r\n", "3492890328409238509324850943850943825024385 -1" },
        { "!7\r\nERR \r\nx\r\n", "Error \"ERR \\x0d\\x0ax\"" },
        { "=7\r\ntxt:a\r\n\r\n", "\"a\\x0d\\x0a\"" },
        { "%1\r\n+k\r\n~1\r\n:1\r\n", "Map[\"k\" Set[1 ] ]" },
        { "+a\r\n>2\r\n+invalidate\r\n_\r\n+b\r\n", "\"a\" Push[\"invalidate\" (null) ] \"b\"" },
        { "|1\r\n+ttl\r\n:3\r\n$1\r\nx\r\n", "\"x\"" },
        { "|0\r\n+x\r\n", "\"x\"" },
        { "*2\r\n|1\r\n+a\r\n|1\r\n+b\r\n:1\r\n:2\r\n:3\r\n:4\r\n", "Array[3 4 ]" },
    };

    public static TheoryData<string, string> Violations => new()
    {
        { "+a\rb\r\n", "a line has a CR within it" },
        { "+a\nb\r\n", "a line ends in LF alone" },
        { "+a\n", "a line ends in LF alone" },
        { "\r\n", "a line is empty" },
        { "GET / HTTP/1.1\r\n", "a value has a type that there is none of" },
        { "HTTP/1.1 400 Bad Request\r\n", "a value has a type that there is none of" },
        { ":\r\n", "an integer is no number of 64 bits" },
        { ":9223372036854775808\r\n", "an integer is no number of 64 bits" },
        { ": 1\r\n", "an integer is no number of 64 bits" },
        { ":1 \r\n", "an integer is no number of 64 bits" },
        { "$\r\n", "a length is no number" },
        { "$-2\r\n", "a length is no number" },
        { "$+1\r\n", "a length is no number" },
        { "$01\r\n", "a length is no number" },
        { "$?\r\n", "a length is no number" },
        { "!-1\r\n", "a length is no number" },
        { "%-1\r\n", "a length is no number" },
        { "$99999999999999999999\r\n", "a length is no number" },
        { "$67108865\r\n", "a string is too long" },
        { "$9223372036854775807\r\n", "a string is too long" },
        { "$1\r\nabc\r\n", "a string is not as long as it says" },
        { "$3\r\na\r\n+x\r\n", "a string is not as long as it says" },
        { "=3\r\ntxt\r\n", "a verbatim string does not name its format" },
        { "*1048577\r\n", "a reply has too many values" },
        { "%524289\r\n", "a reply has too many values" },
        { "*9223372036854775807\r\n", "a reply has too many values" },
        { "*2\r\n*1048574\r\n:1\r\n*1\r\n", "a reply has too many values" },
        { "*1000000\r\n*1000000\r\n", "a reply has too many values" },
        { "_x\r\n", "a null has content" },
        { "#x\r\n", "a Boolean is neither t nor f" },
        { "#\r\n", "a Boolean is neither t nor f" },
        { ",\r\n", "a double is no number" },
        { ",1,5\r\n", "a double is no number" },
        { ", 1\r\n", "a double is no number" },
        { ",Infinity\r\n", "a double is no number" },
        { "(1.5\r\n", "a big number has other characters than digits" },
        { "(-\r\n", "a big number has other characters than digits" },
        { "*1\r\n>1\r\n+x\r\n", "a push message is within another value" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Every_type_is_read_at_once_byte_by_byte_and_cut_anywhere(string latin1, string expected)
    {
        var wire = RespBytes.Of(latin1);

        Assert.Equal(expected, RespBytes.Read(wire, [wire.Length]));
        Assert.Equal(expected, RespBytes.Read(wire, Enumerable.Range(0, wire.Length + 1)));
        Assert.All(Enumerable.Range(0, wire.Length + 1), cut => Assert.Equal(expected, RespBytes.Read(wire, [cut, wire.Length])));
    }

    [Theory]
    [MemberData(nameof(Violations))]
    public void What_is_no_RESP_is_refused_wherever_it_is_cut(string latin1, string reason)
    {
        var wire = RespBytes.Of("+before\r\n" + latin1);
        var expected = $"\"before\" ({reason})";

        Assert.Equal(expected, RespBytes.Read(wire, [wire.Length]));
        Assert.Equal(expected, RespBytes.Read(wire, Enumerable.Range(0, wire.Length + 1)));
        Assert.All(Enumerable.Range(0, wire.Length + 1), cut => Assert.Equal(expected, RespBytes.Read(wire, [cut, wire.Length])));
    }

    [Theory]
    [InlineData('*')]
    [InlineData('~')]
    [InlineData('%')]
    [InlineData('|')]
    public void A_bomb_of_collections_within_collections_is_refused_at_the_limit(char type)
    {
        var limits = new RespLimits { MaxDepth = 4 };
        var key = type is '%' or '|' ? "+k\r\n" : "";
        var level = $"{type}1\r\n{key}";
        var fits = RespBytes.Of(string.Concat(Enumerable.Repeat(level, 4)) + ":1\r\n:1\r\n:1\r\n:1\r\n:1\r\n");
        var bomb = RespBytes.Of(string.Concat(Enumerable.Repeat(level, 100_000)));

        Assert.DoesNotContain("too many", RespBytes.Read(fits, [fits.Length], limits), StringComparison.Ordinal);
        Assert.Equal("(a reply has too many collections within collections)", RespBytes.Read(bomb, [bomb.Length], limits));
    }

    [Fact]
    public void A_line_may_be_as_long_as_the_limit_and_no_longer_with_or_without_an_end()
    {
        var limits = new RespLimits { MaxLineLength = 10 };
        var fits = RespBytes.Of("+123456789\r\n");
        var longer = RespBytes.Of("+1234567890\r\n");
        var endless = RespBytes.Of("+1234567890");

        Assert.Equal("\"123456789\"", RespBytes.Read(fits, Enumerable.Range(0, fits.Length + 1), limits));
        Assert.Equal("(a line is too long)", RespBytes.Read(longer, [longer.Length], limits));
        Assert.Equal("(a line is too long)", RespBytes.Read(longer, Enumerable.Range(0, longer.Length + 1), limits));
        Assert.Equal("(a line is too long)", RespBytes.Read(endless, [endless.Length], limits));
    }

    [Fact]
    public void A_reply_has_a_size_that_is_checked_before_its_bytes_have_come_and_begins_anew_for_the_next()
    {
        var limits = new RespLimits { MaxReplySize = 30 };
        var two = RespBytes.Of("*2\r\n$5\r\n12345\r\n:1\r\n*2\r\n$5\r\n12345\r\n:1\r\n");
        var large = RespBytes.Of("*2\r\n$5\r\n12345\r\n$17\r\n");

        Assert.Equal("Array[\"12345\" 1 ] Array[\"12345\" 1 ]", RespBytes.Read(two, [two.Length], limits));
        Assert.Equal("(a reply is too large)", RespBytes.Read(large, [large.Length], limits));
    }

    [Theory]
    [InlineData("*1048576\r\n")]
    [InlineData("%524288\r\n")]
    [InlineData("$67000000\r\n")]
    [InlineData("*1000\r\n*1000\r\n*1000\r\n*1000\r\n*1000\r\n")]
    public void Nothing_is_reserved_for_what_is_merely_announced(string latin1)
    {
        var wire = RespBytes.Of(latin1);
        var parser = new RespParser(new RespLimits());
        var unread = new ReadOnlySequence<byte>(wire);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(parser.TryRead(ref unread, out _));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_384);
        Assert.True(unread.IsEmpty);
    }

    [Fact]
    public void What_has_been_read_of_a_large_reply_is_not_looked_at_again()
    {
        // The parser moves past each value of an array that is not complete: what is left is never more than one value.
        var wire = RespBytes.Of("*1000\r\n" + string.Concat(Enumerable.Repeat("$3\r\nabc\r\n", 1_000)));
        var parser = new RespParser(new RespLimits());
        var consumed = 0;
        for (var end = 1; end < wire.Length; end++)
        {
            var unread = new ReadOnlySequence<byte>(wire, consumed, end - consumed);
            Assert.False(parser.TryRead(ref unread, out _));
            Assert.InRange(unread.Length, 0, "$3\r\nabc\r\n".Length - 1);
            consumed = end - (int)unread.Length;
        }
    }
}
