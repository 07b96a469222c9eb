using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class FrameRulesTests
{
    private static readonly bool[] NoAndYes = [false, true];

    // Unmasked and masked, with the lengths at which a rule could turn.
    private static readonly byte[] SecondBytes = Hex.Bytes("00 01 7c 7d 7e 7f  80 81 fc fd fe ff");

    // The legal first two bytes, as a list of what is allowed; the code under test is a list of what is forbidden.
    private static bool IsLegal(byte first, byte second, bool inFragmentedMessage, bool allowRsv1)
    {
        var (length, masked) = (second & 0x7F, second >= 0x80);

        return masked && first switch
        {
            0x88 or 0x89 or 0x8A => length <= 125,
            0x01 or 0x02 or 0x81 or 0x82 => !inFragmentedMessage,
            0x41 or 0x42 or 0xC1 or 0xC2 => !inFragmentedMessage && allowRsv1,
            0x00 or 0x80 => inFragmentedMessage,
            _ => false,
        };
    }

    [Fact]
    public void Whole_table_of_first_bytes_is_judged_as_the_RFC_says()
    {
        var legal = 0;

        foreach (var inFragmentedMessage in NoAndYes)
        {
            foreach (var allowRsv1 in NoAndYes)
            {
                var rules = new FrameRules(inFragmentedMessage, allowRsv1);
                foreach (var (first, second) in FirstBytes())
                {
                    var code = CodeFor(rules, first, second);
                    var expected = IsLegal(first, second, inFragmentedMessage, allowRsv1) ? CloseCode.None : CloseCode.ProtocolError;
                    Assert.True(expected == code, $"{first:x2} {second:x2} in {rules}: {code}");
                    legal += code == CloseCode.None ? 1 : 0;
                }
            }
        }

        // Counted by hand: control frames 3 × 4 lengths × 4 states; first frames 4 × 6 × 2, and 4 × 6 with RSV1; continuations 2 × 6 × 2.
        Assert.Equal(3 * 4 * 4 + 4 * 6 * 2 + 4 * 6 + 2 * 6 * 2, legal);
    }

    [Theory]
    [InlineData("81 05", false, "a client must mask its frames")]
    [InlineData("a1 85", false, "RSV2 and RSV3 must be 0")]
    [InlineData("91 85", false, "RSV2 and RSV3 must be 0")]
    [InlineData("c1 85", false, "RSV1 must be 0 without an extension")]
    [InlineData("83 85", false, "reserved opcode")]
    [InlineData("8b 85", false, "reserved opcode")]
    [InlineData("8f 85", false, "reserved opcode")]
    [InlineData("09 80", false, "a control frame must not be fragmented")]
    [InlineData("89 fe", false, "a control frame carries at most 125 bytes")]
    [InlineData("81 80", true, "a new message began before the fragmented one ended")]
    [InlineData("02 80", true, "a new message began before the fragmented one ended")]
    [InlineData("80 80", false, "there is no fragmented message to continue")]
    [InlineData("00 80", false, "there is no fragmented message to continue")]
    public void Reason_names_the_rule_that_was_broken(string hex, bool inFragmentedMessage, string reason)
    {
        var bytes = Hex.Bytes(hex);
        var violation = Assert.Throws<ProtocolViolationException>(() => new FrameRules(inFragmentedMessage).CheckFirstBytes(bytes[0], bytes[1]));

        Assert.Equal(reason, violation.Message);
    }

    [Theory]
    [InlineData(0x40, true)]
    [InlineData(0xC0, true)]
    [InlineData(0xC8, false)]
    [InlineData(0xC9, false)]
    [InlineData(0xCA, false)]
    public void Rsv1_of_an_extension_belongs_to_the_first_frame_of_a_message(byte first, bool inFragmentedMessage)
    {
        var rules = new FrameRules(inFragmentedMessage, AllowRsv1: true);
        var violation = Assert.Throws<ProtocolViolationException>(() => rules.CheckFirstBytes(first, 0x80));

        Assert.Equal("RSV1 is only for the first frame of a message", violation.Message);
    }

    private static IEnumerable<(byte First, byte Second)> FirstBytes()
        => from first in Enumerable.Range(0, 256)
           from second in SecondBytes
           select ((byte)first, second);

    private static CloseCode CodeFor(FrameRules rules, byte first, byte second)
    {
        try
        {
            rules.CheckFirstBytes(first, second);
            return CloseCode.None;
        }
        catch (ProtocolViolationException violation)
        {
            return violation.Code;
        }
    }
}
