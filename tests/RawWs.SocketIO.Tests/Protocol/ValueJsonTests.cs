using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck.Fluent;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Tests.Protocol;

public sealed class ValueJsonTests
{
    private static readonly ValueJson Json = new(null, 64);

    [Fact]
    public void Binary_values_stand_behind_the_packet_in_the_order_of_their_placeholders()
    {
        var packet = EncodeEvent("/", "bin", [new Nested(new byte[] { 1, 2 }, [new byte[] { 3 }, "x"]), ReadOnlyMemory<byte>.Empty, new Memory<byte>([4])]);

        Assert.Equal(
            """454-["bin",{"a":{"_placeholder":true,"num":0},"l":[{"_placeholder":true,"num":1},"x"]},{"_placeholder":true,"num":2},{"_placeholder":true,"num":3}]""",
            TextOf(packet));
        Assert.Equal(["0102", "03", "", "04"], packet.Attachments.Select(bytes => Convert.ToHexString(bytes.Payload.Span)));
    }

    [Fact]
    public void What_is_true_beside_a_binary_value_is_no_placeholder()
        => Assert.Equal(
            """451-["e",{"ok":true,"placeholder":true},{"_placeholder":true,"num":0}]""",
            TextOf(EncodeEvent("/", "e", [new { ok = true, placeholder = true }, new byte[] { 1 }])));

    [Fact]
    public void Acks_repeat_the_id_and_the_namespace()
    {
        Assert.Equal("""431["x",2]""", TextOf(EncodeAck("/", 1, ["x", 2])));
        Assert.Equal("4312345678901[]", TextOf(EncodeAck("/", 12345678901, [])));
        Assert.Equal("""461-/admin,7[{"_placeholder":true,"num":0}]""", TextOf(EncodeAck("/admin", 7, [new byte[] { 1 }])));
        Assert.Equal("""420["q",1]""", TextOf(EncodeEvent("/", "q", [1], 0)));
        Assert.Equal("""42/admin,["hello","é"]""", TextOf(EncodeEvent("/admin", "hello", ["é"])));
    }

    [Fact]
    public void What_JSON_has_no_word_for_is_null()
        => Assert.Equal("""42["u",null,null,null]""", TextOf(EncodeEvent("/", "u", [null, double.NaN, float.PositiveInfinity])));

    [Fact]
    public void Numbers_that_JSON_has_are_themselves()
        => Assert.Equal("""42["n",1.5,-2.5]""", TextOf(EncodeEvent("/", "n", [1.5, -2.5f])));

    [Fact]
    public void What_is_received_can_be_sent_on_with_its_binary_values()
    {
        var decoder = new PacketDecoder(new PacketLimits());
        decoder.Add("""52-["e",{"a":{"_placeholder":true,"num":1},"b":[{"num":0,"_placeholder":true}]},{"_placeholder":false}]"""u8.ToArray());
        decoder.AddAttachment(new byte[] { 0xAA });
        var received = decoder.AddAttachment(new byte[] { 0xBB })!;
        var values = received.Values.Select(value => (object?)new EventValue(value, received.Attachments, Json)).ToArray();

        var packet = EncodeEvent("/", "again", [new byte[] { 1 }, .. values]);

        Assert.Equal(
            """453-["again",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1},"b":[{"_placeholder":true,"num":2}]},{"_placeholder":false}]""",
            TextOf(packet));
        Assert.Equal(["01", "BB", "AA"], packet.Attachments.Select(bytes => Convert.ToHexString(bytes.Payload.Span)));
    }

    [Fact]
    public void A_value_that_is_not_what_is_asked_for_says_so()
    {
        var value = new EventValue("{\"a\":1}"u8.ToArray(), [], Json);

        Assert.Throws<JsonException>(() => value.Get<int>());
        Assert.Throws<JsonException>(() => value.Get<byte[]>());
        Assert.Throws<JsonException>(() => new EventValue("""{"_placeholder":true,"num":0}"""u8.ToArray(), [], Json).Get<byte[]>());
        Assert.Equal(1, value.Json.GetProperty("a").GetInt32());
    }

    [Fact]
    public void What_is_encoded_is_read_again()
        => Properties.Check(Prop.ForAll(HostileBytes.Arbitrary("abc\"\\\u001e{}"), bytes =>
        {
            var text = Encoding.Latin1.GetString(bytes);
            var encoded = EncodeEvent("/a", text == "" || ReservedNames.Contains(text) ? "e" : text, [text, bytes, new Nested(bytes, [])], 9);
            var decoder = new PacketDecoder(new PacketLimits());
            decoder.Add(encoded.First.Payload[1..]);
            decoder.AddAttachment(encoded.Attachments[0].Payload);
            var packet = decoder.AddAttachment(encoded.Attachments[1].Payload)!;
            EventValue At(int index) => new(packet.Values[index], packet.Attachments, Json);

            Assert.Equal((text, (ulong?)9), (At(0).Get<string>(), packet.Id));
            Assert.Equal(bytes, At(1).Get<byte[]>());
            Assert.Equal(bytes, At(2).Get<Nested>()!.A.ToArray());
        }));

    [Theory]
    [InlineData("""{"_placeholder":true,"num":7}""")]
    [InlineData("""[{"a":{"\u005fplaceholder":true}}]""")]
    public void What_a_client_has_made_to_look_like_a_placeholder_is_not_sent_on_beside_binary_values(string json)
    {
        var value = new EventValue(Encoding.UTF8.GetBytes(json), [], Json);

        Assert.Equal($"42[\"e\",{json}]", TextOf(EncodeEvent("/", "e", [value])));
        Assert.Throws<InvalidOperationException>(() => EncodeEvent("/", "e", [value, new byte[] { 1 }]));
    }

    [Theory]
    [InlineData("\"é\"", "é")]
    [InlineData("\"\"", "")]
    [InlineData("\"a\\u00e9\\n\"", "aé\n")]
    [InlineData("null", null)]
    public void A_string_is_read_with_its_escapes(string json, string? text)
        => Assert.Equal(text, new EventValue(Encoding.UTF8.GetBytes(json), [], Json).Get<string>());

    [Theory]
    [InlineData("5")]
    [InlineData("[\"a\"]")]
    [InlineData("\"\\ud800\"")]
    public void What_is_no_string_is_not_read_as_one(string json)
        => Assert.Throws<JsonException>(() => new EventValue(Encoding.UTF8.GetBytes(json), [], Json).Get<string>());

    [Fact]
    public void The_applications_own_converter_has_all_strings()
    {
        var json = new ValueJson(new JsonSerializerOptions { Converters = { new Shouting() } }, 64);

        Assert.Equal("heard", new EventValue("\"a\""u8.ToArray(), [], json).Get<string>());
        Assert.Equal("""["e","A"]""", Encoding.UTF8.GetString(json.WriteEvent("e", ["a"]).Json.Span));
    }

    private static EncodedPacket EncodeEvent(string nsp, string name, object?[] values, ulong? id = null) => Encode(PacketType.Event, nsp, id, Json.WriteEvent(name, values));

    private static EncodedPacket EncodeAck(string nsp, ulong id, object?[] values) => Encode(PacketType.Ack, nsp, id, Json.WriteAck(values).ToPayload());

    private static EncodedPacket Encode(PacketType type, string nsp, ulong? id, EventPayload payload) => PacketWriter.Encode(type, nsp, id, payload.Json.Span, payload.Attachments);

    private static string TextOf(EncodedPacket packet) => Encoding.UTF8.GetString(packet.First.Payload.Span);

    private sealed record Nested(ReadOnlyMemory<byte> A, object[] L);

    private sealed class Shouting : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => "heard";

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToUpperInvariant());
    }
}
