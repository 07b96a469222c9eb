using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck.Fluent;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Tests.Protocol;

/// <summary>MessagePack as Node's packages write it, every legal form of it, and packets in it.</summary>
public sealed class MessagePackTests
{
    private static readonly PacketLimits Limits = new();

    [Theory]
    [InlineData("null", "C0")]
    [InlineData("true", "C3")]
    [InlineData("false", "C2")]
    [InlineData("0", "00")]
    [InlineData("127", "7F")]
    [InlineData("128", "CC80")]
    [InlineData("255", "CCFF")]
    [InlineData("256", "CD0100")]
    [InlineData("65535", "CDFFFF")]
    [InlineData("65536", "CE00010000")]
    [InlineData("4294967295", "CEFFFFFFFF")]
    [InlineData("4294967296", "CF0000000100000000")]
    [InlineData("18446744073709551615", "CFFFFFFFFFFFFFFFFF")]
    [InlineData("-1", "FF")]
    [InlineData("-32", "E0")]
    [InlineData("-33", "D0DF")]
    [InlineData("-128", "D080")]
    [InlineData("-129", "D1FF7F")]
    [InlineData("-32768", "D18000")]
    [InlineData("-32769", "D2FFFF7FFF")]
    [InlineData("-2147483648", "D280000000")]
    [InlineData("-2147483649", "D3FFFFFFFF7FFFFFFF")]
    [InlineData("1.5", "CB3FF8000000000000")]
    [InlineData("\"\"", "A0")]
    [InlineData("\"é\"", "A2C3A9")]
    [InlineData("[1,[2]]", "92019102")]
    [InlineData("{\"x\":\"y\"}", "81A178A179")]
    public void A_value_has_its_smallest_form_and_is_read_again(string json, string hex)
    {
        Assert.Equal(hex, Convert.ToHexString(Write(json)));
        Assert.Equal(json, Read(Convert.FromHexString(hex)).Json);
    }

    [Theory]
    [InlineData(15, "9F", "8F", "AF")]
    [InlineData(16, "DC0010", "DE0010", "B0")]
    [InlineData(31, "DC001F", "DE001F", "BF")]
    [InlineData(32, "DC0020", "DE0020", "D920")]
    [InlineData(255, "DC00FF", "DE00FF", "D9FF")]
    [InlineData(256, "DC0100", "DE0100", "DA0100")]
    [InlineData(65_535, "DCFFFF", "DEFFFF", "DAFFFF")]
    [InlineData(65_536, "DD00010000", "DF00010000", "DB00010000")]
    public void What_has_a_length_has_its_smallest_form_and_is_read_again(int length, string array, string map, string text)
    {
        Check(array, $"[{string.Join(',', Enumerable.Repeat('1', length))}]");
        Check(map, $"{{{string.Join(',', Enumerable.Range(0, length).Select(number => $"\"{number}\":1"))}}}");
        Check(text, $"\"{new string('a', length)}\"");

        static void Check(string header, string json)
        {
            var bytes = Write(json);
            Assert.Equal(header, Convert.ToHexString(bytes.AsSpan(0, header.Length / 2)));
            Assert.Equal(json, Read(bytes).Json);
        }
    }

    [Theory]
    [InlineData("\"\\ud83d\\ude00\\u00e9\\n\\\"\\/\"", "A9F09F9880C3A90A222F")]
    [InlineData("\"a\\ud800b\"", "A561EFBFBD62")]
    [InlineData("{\"\\udc00\":1e999}", "81A3EFBFBDCB7FF0000000000000")]
    public void Escapes_are_what_they_stand_for(string json, string hex) => Assert.Equal(hex, Convert.ToHexString(Write(json)));

    [Theory]
    [InlineData("CC01", "1")]
    [InlineData("D301FFFFFFFFFFFFFF", "144115188075855871")]
    [InlineData("CB4008000000000000", "3")]
    [InlineData("CB4340000000000000", "9007199254740992")]
    [InlineData("CB7E37E43C8800759C", "1E+300")]
    [InlineData("CA3FC00000", "1.5")]
    [InlineData("CB7FF8000000000000", "null")]
    [InlineData("CA7F800000", "null")]
    [InlineData("D90161", "\"a\"")]
    [InlineData("DA000161", "\"a\"")]
    [InlineData("DB0000000161", "\"a\"")]
    [InlineData("DC000101", "[1]")]
    [InlineData("DD0000000101", "[1]")]
    [InlineData("DE0001A16101", "{\"a\":1}")]
    [InlineData("DF00000001A16101", "{\"a\":1}")]
    [InlineData("D6FF00000000", "\"1970-01-01T00:00:00.000Z\"")]
    [InlineData("D7FF1DCD650000000001", "\"1970-01-01T00:00:01.125Z\"")]
    [InlineData("C70CFF000000000000000000000000", "\"1970-01-01T00:00:00.000Z\"")]
    [InlineData("C70CFF00000000FFFFFFFFFFFFFFFF", "\"1969-12-31T23:59:59.000Z\"")]
    [InlineData("D40000", "null")]
    [InlineData("D7000000000000000465", "\"1970-01-01T00:00:01.125Z\"")]
    [InlineData("D700FFFFFFFFFFFFFC18", "\"1969-12-31T23:59:59.000Z\"")]
    [InlineData("8101A161", "{\"1\":\"a\"}")]
    [InlineData("81CCFFA161", "{\"255\":\"a\"}")]
    [InlineData("81FFA161", "{\"-1\":\"a\"}")]
    [InlineData("81D1FF7FA161", "{\"-129\":\"a\"}")]
    [InlineData("81CB3FF8000000000000A161", "{\"1.5\":\"a\"}")]
    [InlineData("81C0A161", "{\"null\":\"a\"}")]
    [InlineData("81A0C0", "{\"\":null}")]
    [InlineData("82C2A161C3A162", "{\"false\":\"a\",\"true\":\"b\"}")]
    public void Every_legal_form_is_read(string hex, string json) => Assert.Equal(json, Read(Convert.FromHexString(hex)).Json);

    [Theory]
    [InlineData("C403010203")]
    [InlineData("C50003010203")]
    [InlineData("C600000003010203")]
    [InlineData("C70300010203")]
    [InlineData("C8000300010203")]
    [InlineData("C90000000300010203")]
    public void Bytes_stand_beside_the_JSON(string hex)
    {
        var (json, attachments) = Read(Convert.FromHexString("92" + hex + "C400"));

        Assert.Equal("""[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]""", json);
        Assert.Equal(["010203", ""], attachments.Select(bytes => Convert.ToHexString(bytes.Span)));
        Assert.Equal("92C403010203C400", Convert.ToHexString(Write(json, attachments)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("C1")]
    [InlineData("A161A1")]
    [InlineData("A1")]
    [InlineData("A2C328")]
    [InlineData("A3EDA0BD")]
    [InlineData("DDFFFFFFFF")]
    [InlineData("DFFFFFFFFF")]
    [InlineData("DC0002")]
    [InlineData("C6FFFFFFFF")]
    [InlineData("DBFFFFFFFF")]
    [InlineData("8190A161")]
    [InlineData("8180A161")]
    [InlineData("81C40161A161")]
    [InlineData("D4FF00")]
    [InlineData("D40100")]
    [InlineData("D4")]
    [InlineData("C7FF0000")]
    [InlineData("C7010100")]
    [InlineData("D7007FFFFFFFFFFFFFFF")]
    [InlineData("D7008000000000000000")]
    [InlineData("D7010000000000000000")]
    [InlineData("D60100000000")]
    [InlineData("C70CFF3B9ACA000000000000000000")]
    [InlineData("C70CFF000000007FFFFFFFFFFFFFFF")]
    [InlineData("C900000001FF00")]
    [InlineData("C9FFFFFFFF00")]
    public void What_is_none_is_refused(string hex)
        => Assert.Throws<PacketException>(() =>
        {
            var bytes = Convert.FromHexString(hex);
            var (_, _, isAtEnd) = ReadFirst(bytes);
            if (!isAtEnd)
                throw new PacketException("more behind it");
        });

    [Theory]
    [InlineData("83A474797065 02 A464617461 93A26869 01 81A178A179 A36E7370 A12F", PacketType.Event, "/", null, """["hi",1,{"x":"y"}]""")]
    [InlineData("84A474797065 02 A464617461 91A171 A36E7370 A62F61646D696E A26964 07", PacketType.Event, "/admin", 7uL, """["q"]""")]
    [InlineData("84A26964 CF00000002DFDC1C35 A36E7370 A12F A464617461 90 A474797065 03", PacketType.Ack, "/", 12345678901uL, "[]")]
    [InlineData("83A474797065 00 A464617461 81A16101 A36E7370 A12F", PacketType.Connect, "/", null, """{"a":1}""")]
    [InlineData("83A474797065 00 A464617461 C0 A36E7370 A12F", PacketType.Connect, "/", null, "")]
    [InlineData("84A474797065 00 A464617461 D40000 A36E7370 A12F A26964 D40000", PacketType.Connect, "/", null, "")]
    [InlineData("82A474797065 01 A36E7370 A12F", PacketType.Disconnect, "/", null, "")]
    [InlineData("83A474797065 04 A464617461 81A76D657373616765A26E6F A36E7370 A12F", PacketType.ConnectError, "/", null, """{"message":"no"}""")]
    [InlineData("84A474797065 02 A464617461 91A165 A464617461 91A166 A36E7370 A12F", PacketType.Event, "/", null, """["e"]""")]
    [InlineData("84A474797065 02 A474797065 03 A464617461 91A165 A36E7370 A12F", PacketType.Event, "/", null, """["e"]""")]
    [InlineData("84A474797065 02 A464617461 91A165 A76F7074696F6E73 81A8636F6D7072657373C3 A36E7370 A12F", PacketType.Event, "/", null, """["e"]""")]
    internal void A_packet_is_read_in_its_parts(string hex, PacketType type, string nsp, ulong? id, string payload)
    {
        var packet = Decode(hex);

        Assert.Equal((type, nsp, id, payload), (packet.Type, packet.Namespace, packet.Id, Encoding.UTF8.GetString(packet.Payload.Span)));
    }

    [Theory]
    [InlineData("82A474797065 02 A36E7370 A12F", "invalid payload")]
    [InlineData("83A474797065 02 A464617461 90 A36E7370 A12F", "invalid payload")]
    [InlineData("83A474797065 02 A464617461 91A7636F6E6E656374 A36E7370 A12F", "invalid payload")]
    [InlineData("83A474797065 02 A464617461 91C40101 A36E7370 A12F", "invalid payload")]
    [InlineData("83A474797065 02 A464617461 81A16101 A36E7370 A12F", "invalid payload")]
    [InlineData("83A474797065 01 A464617461 81A16101 A36E7370 A12F", "invalid payload")]
    [InlineData("83A474797065 00 A464617461 90 A36E7370 A12F", "invalid payload")]
    [InlineData("83A474797065 05 A464617461 91A165 A36E7370 A12F", "unknown packet type")]
    [InlineData("83A474797065 CF0000000100000002 A464617461 91A165 A36E7370 A12F", "unknown packet type")]
    [InlineData("83A474797065 02 A464617461 91A165 A36E7370 A178", "invalid payload")]
    [InlineData("82A474797065 02 A464617461 91A165", "invalid payload")]
    [InlineData("83A474797065 02 A464617461 91A165 A36E7370 A12F 00", "invalid payload")]
    [InlineData("82A464617461 91A165 A36E7370 A12F", "invalid payload")]
    [InlineData("93A474797065 02 A464617461", "invalid MessagePack")]
    [InlineData("84A474797065 02 A464617461 91A165 A36E7370 A12F A26964 FF", "invalid MessagePack")]
    [InlineData("84A474797065 02 A464617461 91A165 A36E7370 A12F A26964 CB3FF8000000000000", "invalid MessagePack")]
    [InlineData("83A474797065 02 A464617461 93A165 C40101 82AC5F706C616365686F6C646572C3A36E756D01 A36E7370 A12F", "illegal attachments")]
    [InlineData("83A474797065 02 A464617461 9CA165C400C400C400C400C400C400C400C400C400C400C400 A36E7370 A12F", "too many attachments")]
    public void What_is_no_packet_is_refused_with_its_reason(string hex, string reason)
        => Assert.Equal(reason, Assert.Throws<PacketException>(() => Decode(hex)).Message);

    [Fact]
    public void What_stands_side_by_side_is_not_deep()
    {
        var siblings = string.Join(',', Enumerable.Repeat("[{\"a\":[]}]", 100));

        Assert.Equal($"[{siblings}]", Read(Write($"[{siblings}]")).Json);
    }

    [Fact]
    public void A_placeholder_stands_for_bytes_that_are_there()
        => Assert.Throws<PacketException>(() => Write("""[{"_placeholder":true,"num":1}]""", [new byte[] { 1 }]));

    [Fact]
    public void Text_is_refused()
        => Assert.Throws<PacketException>(() => new MessagePackDecoder(Limits).Add("2[\"e\"]"u8.ToArray(), isBinary: false));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(100_000, false)]
    public void It_is_only_so_deep(int depth, bool isTaken)
    {
        foreach (var opening in new[] { "91", "81A161" }) // An array with one value, a map with one member.
        {
            var nested = string.Concat(Enumerable.Repeat(opening, depth - 1)) + "C0";
            Check($"83A474797065 02 A464617461 92A165{nested} A36E7370 A12F");
            Check($"84A474797065 02 A464617461 91A165 A36E7370 A12F A178 {opening}{nested}");
        }

        void Check(string hex)
        {
            var failure = Record.Exception(() => Decode(hex));
            Assert.Equal(isTaken ? null : typeof(PacketException), failure?.GetType());
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void A_packet_has_a_limit(int left, bool isTaken)
    {
        var bytes = Convert.FromHexString("83A474797065" + "00" + "A3" + "6E7370A12F" + "A16101");
        var failure = Record.Exception(() => new MessagePackDecoder(Limits with { MaxPacketSize = bytes.Length + left }).Add(bytes, isBinary: true));

        Assert.Equal(isTaken ? null : typeof(PacketException), failure?.GetType());
    }

    [Fact]
    public void Whatever_comes_is_a_packet_or_refused()
        => Properties.Check(Prop.ForAll(HostileBytes.Arbitrary("\x04type\x02data\x03nsp/id\0"), bytes =>
        {
            try
            {
                new MessagePackDecoder(Limits).Add(new byte[] { 0x83, 0xA4, (byte)'t', (byte)'y', (byte)'p', (byte)'e', 2 }.Concat(bytes).ToArray(), isBinary: true);
                new MessagePackDecoder(Limits).Add(bytes, isBinary: true);
            }
            catch (PacketException)
            {
                // The only thing that may be thrown.
            }
        }));

    private static Packet Decode(string hex) => new MessagePackDecoder(Limits).Add(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), isBinary: true)!; // Each is whole.

    private static byte[] Write(string json, IReadOnlyList<ReadOnlyMemory<byte>>? attachments = null)
    {
        var output = new ArrayBufferWriter<byte>();
        new MessagePackWriter(output).WriteJson(JsonDocument.Parse(json).RootElement, attachments ?? []);
        return output.WrittenSpan.ToArray();
    }

    private static (string Json, List<ReadOnlyMemory<byte>> Attachments) Read(byte[] bytes)
    {
        var (json, attachments, isAtEnd) = ReadFirst(bytes);
        Assert.True(isAtEnd);
        return (json, attachments);
    }

    private static (string Json, List<ReadOnlyMemory<byte>> Attachments, bool IsAtEnd) ReadFirst(byte[] bytes)
    {
        var json = new ArrayBufferWriter<byte>();
        var attachments = new List<ReadOnlyMemory<byte>>();
        var reader = new MessagePackReader(bytes, maxDepth: 64);
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            reader.ReadAsJson(writer, attachments, 10);

        return (Encoding.UTF8.GetString(json.WrittenSpan), attachments, reader.IsAtEnd);
    }
}
