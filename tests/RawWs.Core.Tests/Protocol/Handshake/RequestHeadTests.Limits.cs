using System.Buffers;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class RequestHeadTests
{
    private static readonly RequestHeadLimits Narrow = new(MaxRequestLineSize: 40, MaxRequestHeadSize: 100, MaxHeaderCount: 4);

    [Fact]
    public void Request_line_of_exactly_the_limit_is_read_and_one_byte_more_is_refused_with_414()
    {
        var path = $"/{new string('a', 40 - "GET / HTTP/1.1".Length)}";

        Assert.Equal([$"GET {path}"], HeadTranscript.Of($"GET {path} HTTP/1.1\r\n\r\n", Narrow));
        Assert.Equal([$"GET {path}"], HeadTranscript.Of($"\r\nGET {path} HTTP/1.1\r\n\r\n", Narrow));
        AssertRefused(414, $"GET {path}a HTTP/1.1\r\n\r\n", Narrow);
    }

    [Fact]
    public void Request_line_that_grows_over_the_limit_is_refused_with_414_before_it_ends()
    {
        Assert.Equal(["incomplete"], HeadTranscript.Of(new string('A', 40), Narrow));
        Assert.Equal(["incomplete"], HeadTranscript.Of($"{new string('A', 40)}\r", Narrow));
        AssertRefused(414, new string('A', 41), Narrow);
    }

    [Fact]
    public void Head_of_exactly_the_limit_is_read_and_one_byte_more_is_refused_with_431()
    {
        var longest = new string('b', 100 - $"{Start}A: \r\n\r\n".Length);

        Assert.Equal(["GET /chat", $"A={longest}"], HeadTranscript.Of($"{Start}A: {longest}\r\n\r\n", Narrow));
        Assert.Equal(["GET /chat", $"A={longest}", "+ \x81\x80"], HeadTranscript.Of($"{Start}A: {longest}\r\n\r\n\x81\x80", Narrow));
        AssertRefused(431, $"{Start}A: {longest}b\r\n\r\n", Narrow);
    }

    [Fact]
    public void Head_that_grows_over_the_limit_is_refused_with_431_before_it_ends()
    {
        var beginning = $"{Start}A: {new string('b', 100 - $"{Start}A: ".Length)}";

        Assert.Equal(["incomplete"], HeadTranscript.Of(beginning, Narrow));
        AssertRefused(431, $"{beginning}b", Narrow);
        AssertRefused(431, $"{beginning}bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", Narrow);
    }

    // CVE-2024-37890 of another server: a field beyond the last that is kept must not simply be missing.
    [Fact]
    public void Fields_are_counted_and_one_more_than_the_limit_is_refused_with_431_whatever_it_is()
    {
        Assert.Equal(["GET /chat", "A=", "B=", "Upgrade=x"], HeadTranscript.Of($"{Start}A:\r\nB:\r\nUpgrade:x\r\n\r\n", Narrow));
        Assert.Equal(["GET /chat", "A=", "B=", "C=", "Upgrade=x"], HeadTranscript.Of($"{Start}A:\r\nB:\r\nC:\r\nUpgrade:x\r\n\r\n", Narrow));
        AssertRefused(431, $"{Start}A:\r\nB:\r\nC:\r\nD:\r\nUpgrade:x\r\n\r\n", Narrow);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(100)]
    public void Fields_up_to_the_limit_are_all_kept(int count)
    {
        string[] fields = [.. Enumerable.Range(1, count).Select(number => $"X-{number}")];
        var head = $"{Start}{string.Concat(fields.Select(field => $"{field}: {field}\r\n"))}\r\n";

        Assert.Equal(["GET /chat", .. fields.Select(field => $"{field}={field}")], HeadTranscript.Of(head));
    }

    [Theory]
    [InlineData(' ')]
    [InlineData('\t')]
    [InlineData(',')]
    [InlineData(':')]
    [InlineData('"')]
    [InlineData('a')]
    public void Long_value_of_one_character_is_read(char character)
    {
        var value = new string(character, 10_000);
        var lines = HeadTranscript.Of($"{Start}A: b{value}c\r\n\r\n");

        Assert.Equal(["GET /chat", $"A=b{value}c"], lines);
    }

    // Linear work: what was searched for a line's end is not searched again. If it were, the planted line feed would end a line.
    [Fact]
    public void Bytes_that_were_searched_are_not_searched_again()
    {
        var wire = Encoding.Latin1.GetBytes($"{Start}A: bbbb\r\n\r\n");
        using var head = new RequestHead(HeadTranscript.Roomy);
        var input = new ReadOnlySequence<byte>(wire, 0, wire.Length - 4);
        Assert.False(head.TryRead(ref input));

        wire.AsSpan(0, Start.Length).Fill((byte)'\n');
        wire[^6] = (byte)'\n';
        var refusal = Assert.Throws<RequestRefusedException>(() =>
        {
            input = new ReadOnlySequence<byte>(wire);
            head.TryRead(ref input);
        });
        Assert.Equal("a header value holds a control character", refusal.Message);
    }

    [Fact]
    public void Lines_that_were_read_are_not_read_again()
    {
        var wire = Encoding.Latin1.GetBytes($"{Start}A: b\r\nC: d\r\n\r\n");
        using var head = new RequestHead(HeadTranscript.Roomy);
        var input = new ReadOnlySequence<byte>(wire, 0, wire.Length - 4);
        Assert.False(head.TryRead(ref input));

        wire.AsSpan(0, Start.Length + "A: b\r\n".Length).Fill((byte)'\n');
        input = new ReadOnlySequence<byte>(wire);
        Assert.True(head.TryRead(ref input));
        Assert.Equal((2, "d"), (head.FieldCount, Encoding.Latin1.GetString(head.ValueOf(1))));
    }

    [Fact]
    public void Segments_are_copied_once_and_only_what_is_new()
    {
        var wire = Encoding.Latin1.GetBytes($"{Start}A: b\r\nC: d\r\n\r\n");
        using var head = new RequestHead(HeadTranscript.Roomy);
        var input = Sequences.Cut(wire, 0, wire.Length - 4, 7);
        Assert.False(head.TryRead(ref input));

        wire.AsSpan(0, wire.Length - 4).Fill((byte)'\n');
        input = Sequences.Cut(wire, 0, wire.Length, 7);
        Assert.True(head.TryRead(ref input));
        Assert.Equal("GET"u8, head.Method);
        Assert.Equal("A"u8, head.NameOf(0));
        Assert.Equal("d"u8, head.ValueOf(1));
    }

    [Fact]
    public void Head_whose_segments_become_one_and_several_again_is_read()
    {
        var wire = Encoding.Latin1.GetBytes($"{Start}A: b\r\nC: d\r\n\r\n");
        using var head = new RequestHead(HeadTranscript.Roomy);

        foreach (var input in new[] { Sequences.Cut(wire, 0, 9, 3), new ReadOnlySequence<byte>(wire, 0, 22), Sequences.Cut(wire, 0, 30, 3, 25) })
        {
            var unread = input;
            Assert.False(head.TryRead(ref unread));
        }

        var whole = Sequences.Cut(wire, 0, wire.Length, 3, 25);
        Assert.True(head.TryRead(ref whole));
        Assert.Equal((2, "b", "d"), (head.FieldCount, Encoding.Latin1.GetString(head.ValueOf(0)), Encoding.Latin1.GetString(head.ValueOf(1))));
    }

    [Fact]
    public void Disposing_twice_is_harmless()
    {
        var wire = Encoding.Latin1.GetBytes(Start);
        var head = new RequestHead(HeadTranscript.Roomy);
        var input = Sequences.Cut(wire, 0, wire.Length, 3);
        head.TryRead(ref input);

        head.Dispose();
        head.Dispose();
    }
}
