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
    [InlineData("bAQIDBA==\n", "01020304")]
    [InlineData("b\r\nAQ ID\tBA\f=\v=", "01020304")]
    [InlineData("b \n", "")]
    [InlineData("bAQIDBA=", "01020304")]
    [InlineData("bAQIDBA", "01020304")]
    [InlineData("bAQI", "0102")]
    [InlineData("b/+8=", "FFEF")]
    [InlineData("b_-8=", "FFEF")]
    [InlineData("b_+8", "FFEF")]
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
    [InlineData("bA")]
    [InlineData("b=")]
    [InlineData("bA=")]
    [InlineData("b====")]
    [InlineData("b\n=\n")]
    [InlineData("bAQI==")]
    [InlineData("bAQIDB")]
    [InlineData("bAQ==AQ==")]
    [InlineData("bAQ=I")]
    [InlineData("bAQI*")]
    [InlineData("bAQI\0")]
    [InlineData("bAQIé")]
    [InlineData("bAQI\u00a0DBA=")]
    public void What_is_no_packet_is_refused(string text)
        => Assert.Throws<PacketException>(() => EnginePacket.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Base64_in_lines_without_padding_or_for_addresses_is_the_same_bytes()
        => Properties.Check(Prop.ForAll(HostileBytes.Arbitrary(""), bytes =>
        {
            var text = Convert.ToBase64String(bytes);
            string[] forms = [text, Lines(text), text.TrimEnd('='), text.Replace('+', '-').Replace('/', '_'), Lines(text.Replace('+', '-').TrimEnd('='))];

            Assert.All(forms, form => Assert.Equal(bytes, EnginePacket.Read(Encoding.UTF8.GetBytes("b" + form)).Data.ToArray()));
        }));

    [Fact]
    public void Base64_of_the_usual_form_costs_its_bytes_and_no_copy()
    {
        const int Size = 30_001;
        ReadOnlyMemory<byte> text = Encoding.UTF8.GetBytes("b" + Convert.ToBase64String(new byte[Size]));
        EnginePacket.Read(text);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var packet = EnginePacket.Read(text);

        var cost = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Size, packet.Data.Length);
        Assert.InRange(cost, Size, Size + 64);
    }

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

    // As java.util and Android write it: a line feed behind every 76 characters, and at the end.
    private static string Lines(string base64) => string.Concat(base64.Chunk(76).Select(line => new string(line) + "\n"));

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
