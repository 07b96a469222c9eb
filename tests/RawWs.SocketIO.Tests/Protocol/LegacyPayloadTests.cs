using System.Text;
using FsCheck.Fluent;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Tests.Protocol;

public sealed class LegacyPayloadTests
{
    private static readonly PacketFormat Bytes = new(IsLegacy: true, TakesBinary: true), Base64 = new(IsLegacy: true, TakesBinary: false);

    [Theory]
    [InlineData("6:4hello", "Message:hello")]
    [InlineData("6:4test16:4test2", "Message:test1 Message:test2")]
    [InlineData("15:42[\"hello\",\"é\"]", "Message:2[\"hello\",\"é\"]")]
    [InlineData("3:4😀", "Message:😀")]
    [InlineData("3:4😀1:2", "Message:😀 Ping:")]
    [InlineData("0:", "Noop:")]
    [InlineData("1:20:1:2", "Ping: Noop: Ping:")]
    [InlineData("10:b4AQIDBA==", "Message:#01020304")]
    [InlineData("2:b4", "Message:#")]
    [InlineData("001:2", "Ping:")]
    public void Text_has_the_length_of_each_packet_in_UTF_16_units(string body, string packets)
        => Assert.Equal(packets, ReadAll(Encoding.UTF8.GetBytes(body), isBinary: false));

    [Theory]
    [InlineData("")]
    [InlineData("6")]
    [InlineData(":4hello")]
    [InlineData("-1:2")]
    [InlineData("+1:2")]
    [InlineData("1.0:2")]
    [InlineData(" 1:2")]
    [InlineData("x:2")]
    [InlineData("7:4hello")]
    [InlineData("2:4😀")]
    [InlineData("99999999999999999999:4")]
    [InlineData("2147483647:4")]
    [InlineData("1:9")]
    [InlineData("2:bA")]
    [InlineData("10:b3AQIDBA==")]
    [InlineData("4:b4##")]
    [InlineData("4hello\u001e4you")]
    public void Text_that_is_no_packets_is_refused(string body)
        => Assert.Throws<PacketException>(() => ReadAll(Encoding.UTF8.GetBytes(body), isBinary: false));

    [Theory]
    [InlineData("0006FF3468656C6C6F0105FF0401020304", "Message:hello Message:#01020304")]
    [InlineData("0003FF34C3A9", "Message:é")]
    [InlineData("0101FF04", "Message:#")]
    [InlineData("0000FF", "Noop:")]
    public void Bytes_have_the_length_of_each_packet_in_bytes(string hex, string packets)
        => Assert.Equal(packets, ReadAll(Convert.FromHexString(hex), isBinary: true));

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("00FF34")]
    [InlineData("0201FF34")]
    [InlineData("000AFF34")]
    [InlineData("0002FF34")]
    [InlineData("0002FF34C3")]
    [InlineData("0101FF02")]
    [InlineData("0100FF")]
    [InlineData("0009090909090909090909FF34")]
    [InlineData("00FEFEFEFEFEFEFEFEFEFF34")]
    [InlineData("0001FF3400")]
    public void Bytes_that_are_no_packets_are_refused(string hex)
        => Assert.Throws<PacketException>(() => ReadAll(Convert.FromHexString(hex), isBinary: true));

    [Fact]
    public void What_is_encoded_is_bytes_where_there_are_some_and_the_client_takes_them()
    {
        var text = new EncodedPacket(PreparedMessage.FromText("4hello"), []);
        var binary = new EncodedPacket(PreparedMessage.FromText("4é"), [PreparedMessage.FromBytes([1, 2, 3, 4])]);

        Assert.Equal(("6:4hello", false), Encoded([text], Bytes));
        Assert.Equal(("6:4hello2:4é10:b4AQIDBA==", false), Encoded([text, binary], Base64));
        var body = LegacyPayload.Encode([text, binary], Bytes);
        Assert.Equal(("0006FF3468656C6C6F0003FF34C3A90105FF0401020304", true), (Convert.ToHexString(body.Bytes.Span), body.IsBinary));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_encoded_is_read_again(bool takesBinary)
        => Properties.Check(Prop.ForAll(HostileBytes.Arbitrary(""), bytes =>
        {
            var packet = new EncodedPacket(PreparedMessage.FromText("4é😀"), [PreparedMessage.FromBytes(bytes), PreparedMessage.FromBytes([])]);
            var body = LegacyPayload.Encode([packet, packet], new PacketFormat(IsLegacy: true, takesBinary));
            var once = $"Message:é😀 Message:#{Convert.ToHexString(bytes)} Message:#";

            Assert.Equal($"{once} {once}", ReadAll(body.Bytes, body.IsBinary));
        }));

    [Theory]
    [InlineData(true, "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\ufffd4b2")]
    [InlineData(false, "0123456789:b=4AQ/é😀")]
    public void Whatever_comes_is_packets_or_refused(bool isBinary, string alphabet)
        => Properties.Check(Prop.ForAll(HostileBytes.Arbitrary(alphabet), bytes =>
        {
            try
            {
                ReadAll(bytes, isBinary);
            }
            catch (PacketException)
            {
                // The only thing that may be thrown.
            }
        }));

    private static (string Text, bool IsBinary) Encoded(IReadOnlyList<EncodedPacket> packets, PacketFormat format)
    {
        var body = LegacyPayload.Encode(packets, format);
        return (Encoding.UTF8.GetString(body.Bytes.Span), body.IsBinary);
    }

    private static string ReadAll(ReadOnlyMemory<byte> bytes, bool isBinary)
    {
        var packets = new List<string>();
        ReadOnlyMemory<byte>? body = bytes;
        while (body is not null)
        {
            var packet = PollingPayload.ReadFirst(ref body, Bytes, isBinary);
            packets.Add($"{packet.Type}:{(packet.IsBinary ? "#" + Convert.ToHexString(packet.Data.Span) : Encoding.UTF8.GetString(packet.Data.Span))}");
        }

        return string.Join(' ', packets);
    }
}
