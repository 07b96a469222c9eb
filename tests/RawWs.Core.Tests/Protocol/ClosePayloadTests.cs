using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class ClosePayloadTests
{
    [Fact]
    public void Empty_body_stands_for_no_status()
        => Assert.Equal(new ClosePayload(CloseCode.NoStatusReceived, ""), ClosePayload.Read([]));

    [Fact]
    public void One_byte_fails_with_1002()
        => Assert.Equal(CloseCode.ProtocolError, Assert.Throws<ProtocolViolationException>(() => ClosePayload.Read(Hex.Bytes("03"))).Code);

    [Theory]
    [InlineData("03e8", 1000, "")]
    [InlineData("03e9 476f696e67 20 61776179", 1001, "Going away")]
    [InlineData("0bb8 ceba e1bdb9 cf83 cebc ceb5", 3000, "κ\u1f79σμε")]
    [InlineData("1387 f09f9880", 4999, "😀")]
    [InlineData("03e8 00", 1000, "\0")]
    public void Code_and_reason_are_read(string hex, int code, string reason)
        => Assert.Equal(new ClosePayload((CloseCode)code, reason), ClosePayload.Read(Hex.Bytes(hex)));

    [Fact]
    public void Every_code_is_accepted_or_fails_with_1002_as_the_table_says()
    {
        // The table itself is tested for all 65,536; here a margin beside its edges is enough, for exceptions are slow.
        foreach (var code in (int[])[0, .. Enumerable.Range(900, 300), .. Enumerable.Range(2900, 200), .. Enumerable.Range(4900, 200), 65_535])
        {
            byte[] body = [(byte)(code >> 8), (byte)code];

            if (((CloseCode)code).IsAllowedOnWire)
                Assert.Equal(new ClosePayload((CloseCode)code, ""), ClosePayload.Read(body));
            else
                Assert.Equal(CloseCode.ProtocolError, Assert.Throws<ProtocolViolationException>(() => ClosePayload.Read(body)).Code);
        }
    }

    [Theory]
    [InlineData("03e8 ceba e1bdb9 cf83 cebc ceb5 eda080 656469746564")]
    [InlineData("03e8 c3")]
    [InlineData("03e8 ff")]
    public void Reason_that_is_not_UTF8_fails_with_1007(string hex)
        => Assert.Equal(CloseCode.InvalidPayloadData, Assert.Throws<ProtocolViolationException>(() => ClosePayload.Read(Hex.Bytes(hex))).Code);

    [Theory]
    [InlineData(1000, "", "03e8")]
    [InlineData(1001, "Going away", "03e9 476f696e67 20 61776179")]
    [InlineData(4999, "😀", "1387 f09f9880")]
    public void Code_and_reason_are_written(int code, string reason, string hex)
    {
        var output = new byte[FrameHeader.MaxShortPayloadLength];
        var written = new ClosePayload((CloseCode)code, reason).Write(output);

        Assert.Equal(Hex.Bytes(hex), output[..written]);
        Assert.All(output[written..], octet => Assert.Equal(0, octet));
    }

    [Fact]
    public void No_status_is_written_as_an_empty_body()
        => Assert.Equal(0, new ClosePayload(CloseCode.NoStatusReceived, "").Write(new byte[FrameHeader.MaxShortPayloadLength]));

    [Theory]
    [InlineData("x", 123)]
    [InlineData("é", 61)]
    [InlineData("€", 41)]
    public void Longest_reason_fills_a_control_frame_and_one_more_character_is_refused(string character, int count)
    {
        var longest = string.Concat(Enumerable.Repeat(character, count));
        ClosePayload.ThrowIfNotSendable(CloseCode.NormalClosure, longest);
        var written = new ClosePayload(CloseCode.NormalClosure, longest).Write(new byte[FrameHeader.MaxShortPayloadLength]);

        Assert.Equal(2 + Encoding.UTF8.GetByteCount(longest), written);
        Assert.Throws<ArgumentException>(() => ClosePayload.ThrowIfNotSendable(CloseCode.NormalClosure, longest + character));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(1016)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(-1)]
    [InlineData(65_536 + 1000)]
    public void Code_that_must_not_be_sent_is_the_callers_mistake(int code)
        => Assert.Throws<ArgumentOutOfRangeException>(() => ClosePayload.ThrowIfNotSendable((CloseCode)code, ""));

    [Fact]
    public void Missing_reason_is_the_callers_mistake()
        => Assert.Throws<ArgumentNullException>(() => ClosePayload.ThrowIfNotSendable(CloseCode.NormalClosure, null!));

    // What is not sendable as UTF-8 must not become a reason that the peer would have to fail.
    [Fact]
    public void Reason_with_half_a_surrogate_pair_is_written_as_valid_UTF8()
    {
        var reason = "half \ud83d";
        ClosePayload.ThrowIfNotSendable(CloseCode.NormalClosure, reason);
        var output = new byte[FrameHeader.MaxShortPayloadLength];
        var written = new ClosePayload(CloseCode.NormalClosure, reason).Write(output);

        Assert.Equal("half \ufffd", ClosePayload.Read(output.AsSpan(0, written)).Reason);
    }
}
