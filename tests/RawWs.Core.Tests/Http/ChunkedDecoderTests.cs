using System.Buffers;
using System.Text;
using RawWs.Http;
using RawWs.Protocol;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Http;

public sealed class ChunkedDecoderTests
{
    [Theory]
    [InlineData("0\r\n\r\n", "")]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "hello!")]
    [InlineData("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789")]
    [InlineData("0000000000000005\r\nhello\r\n00\r\n\r\n", "hello")]
    [InlineData("2\r\n\r\n\r\n0\r\n\r\n", "\r\n")] // data that looks like an end
    [InlineData("5;a=b;c=\"d\"\r\nhello\r\n0;last\r\n\r\n", "hello")]
    [InlineData("5;\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("1\r\nx\r\n0\r\nA: b\r\nC:d\r\n\r\n", "x")]
    [InlineData("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1", "x", "GET / HTTP/1.1")]
    public void A_body_is_taken_out_of_its_chunks_and_what_follows_is_left(string wire, string body, string rest = "")
        => Assert.Equal([body, rest], Read(wire));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5\r")]
    [InlineData("5\r\nhel")]
    [InlineData("5\r\nhello")]
    [InlineData("5\r\nhello\r")]
    [InlineData("5\r\nhello\r\n0\r\n")]
    [InlineData("5\r\nhello\r\n0\r\n\r")]
    [InlineData("5\r\nhello\r\n0\r\nA: b\r\n")]
    public void The_beginning_of_a_body_is_not_yet_its_end(string wire) => Assert.Equal("incomplete", Read(wire)[1]);

    [Theory]
    [InlineData("\r\n", 400)]
    [InlineData(" 5\r\n", 400)]
    [InlineData("5 \r\n", 400)]
    [InlineData("5 ;a\r\n", 400)]
    [InlineData("5\t\r\n", 400)]
    [InlineData("+5\r\n", 400)]
    [InlineData("-1\r\n", 400)]
    [InlineData("0x5\r\n", 400)]
    [InlineData("5h\r\n", 400)]
    [InlineData("5,5\r\n", 400)]
    [InlineData(";a=b\r\n", 400)]
    [InlineData("5\nhello\r\n", 400)]
    [InlineData("5\r\rhello\r\n", 400)]
    [InlineData("5;a\rb\r\n", 400)]
    [InlineData("5;a\0b\r\n", 400)]
    [InlineData("5;a\nb\r\n", 400)]
    [InlineData("5\r\nhelloX", 400)]
    [InlineData("5\r\nhello\n", 400)]
    [InlineData("5\r\nhello\rX", 400)]
    [InlineData("5\r\nhello0\r\n\r\n", 400)]
    [InlineData("00000000000000005\r\n", 400)] // 17 digits
    [InlineData("10000000000000000\r\n", 400)] // 2^64
    [InlineData("ffffffffffffffff\r\n", 413)]
    [InlineData("8000000000000000\r\n", 413)]
    [InlineData("7fffffffffffffff\r\n", 413)]
    [InlineData("65\r\n", 413)] // 101
    [InlineData("64\r\n" + Hundred + "\r\n1\r\n", 413)]
    [InlineData("0\r\nA : b\r\n\r\n", 400)]
    [InlineData("0\r\n A: b\r\n\r\n", 400)]
    [InlineData("0\r\nA\r\n\r\n", 400)]
    [InlineData("0\r\n: b\r\n\r\n", 400)]
    [InlineData("0\r\nA: b\n\r\n", 400)]
    [InlineData("0\r\nA: b\0\r\n\r\n", 400)]
    [InlineData("0\r\nA: b\rC: d\r\n\r\n", 400)]
    [InlineData("0\r\n\n", 400)]
    public void What_could_be_read_in_two_ways_is_refused(string wire, int status) => Assert.Equal($"{status}", Read(wire)[1]);

    [Fact]
    public void The_largest_body_is_exactly_as_large_as_it_may_be() => Assert.Equal([Hundred, ""], Read($"64\r\n{Hundred}\r\n0\r\n\r\n"));

    [Theory]
    [InlineData(254, "complete")]
    [InlineData(255, "400")]
    public void A_size_line_has_a_limit(int length, string outcome)
        => Assert.Equal(outcome, OutcomeOf("1;" + new string('x', length - 2) + "\r\nx\r\n0\r\n\r\n"));

    [Theory]
    [InlineData(20, "complete")]
    [InlineData(21, "400")]
    public void All_extensions_together_have_a_limit(int count, string outcome)
        => Assert.Equal(outcome, OutcomeOf(string.Concat(Enumerable.Repeat("1;" + new string('x', 199) + "\r\nx\r\n", count)) + "0\r\n\r\n"));

    [Theory]
    [InlineData(4_096, "complete")]
    [InlineData(4_097, "431")]
    public void All_trailers_together_have_a_limit(int length, string outcome)
        => Assert.Equal(outcome, OutcomeOf("0\r\nA: b\r\nX:" + new string('x', length - "A: b\r\nX:\r\n\r\n".Length) + "\r\n\r\n"));

    [Fact]
    public void A_line_without_an_end_is_not_waited_for()
    {
        Assert.Equal("400", OutcomeOf(new string('0', 256)));
        Assert.Equal("431", OutcomeOf("0\r\n" + new string('x', 4_096)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void A_reader_gets_no_more_than_it_has_room_for(int room)
    {
        var decoder = new ChunkedDecoder(maxLength: 100);
        var input = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"));
        var body = "";
        while (!decoder.IsComplete)
        {
            var piece = decoder.Read(ref input, room);
            Assert.InRange(piece.Length, 0, room);
            body += Encoding.ASCII.GetString(piece);
        }

        Assert.Equal("hello!", body);
        Assert.True(input.IsEmpty);
    }

    private const string Hundred = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

    private static string OutcomeOf(string wire) => Read(wire)[1] is { Length: > 0 } outcome ? outcome : "complete";

    /// <summary>The body, and what is behind it, or the status of a refusal, or that it is incomplete; in every segmentation the same.</summary>
    private static string[] Read(string wire)
    {
        var bytes = Encoding.Latin1.GetBytes(wire);
        string[]? expected = null;
        foreach (var segmentation in Segmentation.All(bytes.Length))
        {
            var actual = Read(bytes, segmentation);
            expected ??= actual;
            Assert.True(expected[1] == actual[1] && (expected[1].Length is 3 or 10 || expected[0] == actual[0]), $"{segmentation}: {actual[0]}, {actual[1]} instead of {expected[0]}, {expected[1]}");
        }

        return expected!;
    }

    private static string[] Read(byte[] wire, Segmentation segmentation)
    {
        var (decoder, buffer, body) = (new ChunkedDecoder(maxLength: 100), new ReceiveBuffer(wire, segmentation), new StringBuilder());
        try
        {
            foreach (var end in segmentation.Arrivals(wire.Length))
            {
                var input = buffer.Receive(end);
                while (decoder.Read(ref input, int.MaxValue) is { IsEmpty: false } piece)
                    body.Append(Encoding.Latin1.GetString(piece));

                if (decoder.IsComplete)
                    return [body.ToString(), Encoding.Latin1.GetString(wire.AsSpan(end - (int)input.Length))];

                buffer.Release(input);
            }
        }
        catch (RequestRefusedException refusal)
        {
            return [body.ToString(), $"{(int)refusal.Status}"];
        }

        return [body.ToString(), "incomplete"];
    }
}
