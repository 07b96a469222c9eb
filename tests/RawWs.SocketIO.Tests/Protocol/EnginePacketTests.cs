using System.Text;
using FsCheck.Fluent;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Tests.Protocol;

public sealed class EnginePacketTests
{
    [Theory]
    [InlineData("4hello", 4, "hello")]
    [InlineData("2", 2, "")]
    [InlineData("2probe", 2, "probe")]
    [InlineData("5", 5, "")]
    [InlineData("1", 1, "")]
    public void Text_is_a_digit_and_data(string text, int type, string data)
    {
        var packet = EnginePacket.Read(Encoding.UTF8.GetBytes(text));

        Assert.Equal(((EnginePacketType)type, false, data), (packet.Type, packet.IsBinary, Encoding.UTF8.GetString(packet.Data.Span)));
    }

    [Theory]
    [InlineData("bAQIDBA==", "01020304")]
    [InlineData("b", "")]
    public void Binary_data_is_base64(string text, string hex)
    {
        var packet = EnginePacket.Read(Encoding.UTF8.GetBytes(text));

        Assert.Equal((EnginePacketType.Message, true, hex), (packet.Type, packet.IsBinary, Convert.ToHexString(packet.Data.Span)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("abc")]
    [InlineData("é")]
    [InlineData("bAQID BA==")]
    [InlineData("bAQIDBA=")]
    [InlineData("bAQIDBA")]
    [InlineData("b====")]
    [InlineData("bAQ==AQ==")]
    [InlineData("b_-8=")]
    public void What_is_no_packet_is_refused(string text)
        => Assert.Throws<PacketException>(() => EnginePacket.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_polling_body_is_packets_with_separators_between_them()
    {
        var packets = ReadAll("4hello\u001ebAQIDBA==\u001e2"u8.ToArray());

        Assert.Equal(["Message:hello", "Message:#01020304", "Ping:"], packets);
    }

    [Theory]
    [InlineData("")]
    [InlineData("4a\u001e")]
    [InlineData("\u001e4a")]
    [InlineData("4a\u001e\u001e4b")]
    public void A_body_with_an_empty_packet_is_refused(string body)
        => Assert.Throws<PacketException>(() => ReadAll(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void A_body_that_is_not_UTF_8_is_refused()
        => Assert.Throws<PacketException>(() => ReadAll([(byte)'4', 0xC3]));

    [Fact]
    public void Whatever_comes_is_packets_or_refused()
        => Properties.Check(Prop.ForAll(HostileBytes.Arbitrary("0123456b=\u001eAQ/+é"), bytes =>
        {
            try
            {
                ReadAll(bytes);
            }
            catch (PacketException)
            {
                // The only thing that may be thrown.
            }
        }));

    [Fact]
    public void What_is_encoded_for_a_poll_is_read_again()
        => Properties.Check(Prop.ForAll(HostileBytes.Arbitrary(""), bytes =>
        {
            var packet = new EncodedPacket(PreparedMessage.FromText("4text"), [PreparedMessage.FromBytes(bytes), PreparedMessage.FromBytes([])]);

            Assert.Equal(packet.BodyLength, packet.Body.Length);
            Assert.Equal(["Message:text", "Message:#" + Convert.ToHexString(bytes), "Message:#"], ReadAll(packet.Body.ToArray()));
        }));

    private static List<string> ReadAll(byte[] bytes)
    {
        var packets = new List<string>();
        ReadOnlyMemory<byte>? body = bytes;
        while (body is not null)
        {
            var packet = EnginePacket.ReadFirst(ref body);
            packets.Add($"{packet.Type}:{(packet.IsBinary ? "#" + Convert.ToHexString(packet.Data.Span) : Encoding.UTF8.GetString(packet.Data.Span))}");
        }

        return packets;
    }
}
