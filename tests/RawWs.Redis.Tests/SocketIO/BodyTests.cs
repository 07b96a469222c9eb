using System.Text;
using System.Text.Json;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Tests;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What servers and emitters publish, byte for byte as Node's packages do.</summary>
public sealed class BodyTests
{
    private const string Uid = "_LH5Mc";

    private static readonly ValueJson Json = new(null, 64);
    private static readonly BroadcastOptions Room1 = new() { Rooms = ["room1"] };

    [Fact]
    public void A_broadcast_to_everybody()
        => AssertHex(
            "93a65f4c48354d6383a47479706502a46461746193a2686901 81a178a179 a36e7370a12f83a5726f6f6d7390a665786365707490a5666c61677380",
            BroadcastBody.Write(Uid, "/", "hi", Values(1, new { x = "y" }), BroadcastOptions.Everybody));

    [Fact]
    public void A_broadcast_to_a_room()
        => AssertHex(
            "93a65f4c48354d6383a47479706502a46461746191a26869a36e7370a12f83a5726f6f6d7391a5726f6f6d31a665786365707490a5666c61677380",
            BroadcastBody.Write(Uid, "/", "hi", [], Room1));

    [Fact]
    public void A_broadcast_with_everything()
    {
        var options = new BroadcastOptions { Rooms = ["room1", "room2"], Except = ["ex"], IsVolatile = true, IsCompressible = false };

        AssertHex(
            "93a65f4c48354d6383a47479706502a46461746192a362696e c403010203 a36e7370a62f61646d696e83a5726f6f6d7392a5726f6f6d31a5726f6f6d32a665786365707491a26578"
            + "a5666c61677382a8766f6c6174696c65c3a8636f6d7072657373c2",
            BroadcastBody.Write(Uid, "/admin", "bin", Values(new byte[] { 1, 2, 3 }), options));
    }

    [Fact]
    public void A_question_and_an_answer_of_a_client()
    {
        AssertHex(
            "85a3756964a65f4c48354d63a9726571756573744964a6754a544e4151a47479706507a67061636b657483a47479706502a46461746192a171a17a"
            + "a36e7370a12fa46f70747383a5726f6f6d7390a665786365707490a5666c61677381a774696d656f7574cd012c",
            BroadcastBody.WriteQuestion(Uid, "uJTNAQ", "/", "q", Values("z"), new BroadcastOptions { Timeout = TimeSpan.FromMilliseconds(300) }));
        AssertHex("83a47479706509a9726571756573744964a6754a544e4151a67061636b6574a5616e732d7a", BroadcastBody.WriteAnswer("uJTNAQ", Values("ans-z")[0]));
        AssertHex("83a47479706509a9726571756573744964a6754a544e4151a67061636b6574c0", BroadcastBody.WriteAnswer("uJTNAQ", null));
        AssertText("""{"type":8,"requestId":"uJTNAQ","clientCount":1}""", RequestBody.ClientCount("uJTNAQ", 1));
    }

    [Fact]
    public void Requests_of_servers()
    {
        AssertText("""{"uid":"_LH5Mc","requestId":"Inom8O","type":5,"opts":{"rooms":["room1"],"except":[]}}""", RequestBody.Fetch(Uid, "Inom8O", Room1));
        AssertText("""{"uid":"_LH5Mc","type":2,"opts":{"rooms":["room1"],"except":[]},"rooms":["r3","r4"]}""", RequestBody.Rooms(AdapterRequestType.Join, Uid, Room1, ["r3", "r4"]));
        AssertText(
            """{"uid":"_LH5Mc","type":3,"opts":{"rooms":["room1"],"except":["e"]},"rooms":["r4"]}""", RequestBody.Rooms(AdapterRequestType.Leave, Uid, Room1 with { Except = ["e"] }, ["r4"]));
        AssertText("""{"uid":"_LH5Mc","type":4,"opts":{"rooms":["room1"],"except":[]},"close":true}""", RequestBody.Disconnect(Uid, Room1, close: true));
        AssertText("""{"uid":"_LH5Mc","type":6,"data":["sse",1,{"a":2}]}""", RequestBody.ServerSideEmit(Uid, null, "sse", Values(1, new { a = 2 })));
        AssertText("""{"uid":"_LH5Mc","requestId":"sy7lZ0","type":6,"data":["sse",1]}""", RequestBody.ServerSideEmit(Uid, "sy7lZ0", "sse", Values(1)));
        AssertText("""{"type":6,"requestId":"sy7lZ0","data":"r4132"}""", RequestBody.ServerSideAnswer("sy7lZ0", Values("r4132")[0]));
        AssertText("""{"uid":"_LH5Mc","requestId":"Inom8O","type":1}""", RequestBody.AllRooms(Uid, "Inom8O"));
    }

    [Fact]
    public void What_an_emitter_says()
    {
        AssertHex(
            "93a7656d697474657283a47479706502a46461746192a16501a36e7370a12f83a5726f6f6d7390a5666c61677380a665786365707490",
            BroadcastBody.Write(BroadcastBody.EmitterUid, "/", "e", Values(1), BroadcastOptions.Everybody));
        AssertText("""{"type":2,"opts":{"rooms":["room1"],"except":[]},"rooms":["r9"]}""", RequestBody.Rooms(AdapterRequestType.Join, null, Room1, ["r9"]));
        AssertText("""{"type":4,"opts":{"rooms":["room1"],"except":[]},"close":true}""", RequestBody.Disconnect(null, Room1, close: true));
        AssertText("""{"uid":"emitter","type":6,"data":["sse","x"]}""", RequestBody.ServerSideEmit(BroadcastBody.EmitterUid, null, "sse", Values("x")));
    }

    [Fact]
    public void Binary_values_make_MessagePack_of_a_request()
    {
        var written = RequestBody.ServerSideEmit(Uid, null, "e", Values(new { a = new byte[] { 7 } }));

        AssertHex("83a3756964a65f4c48354d63a47479706506a46461746192a16581a161c40107", written);
        Assert.Equal(
            """{"uid":"_LH5Mc","type":6,"data":["e",{"a":{"_placeholder":true,"num":0}}]}""", AdapterBody.Read(written.Span, 64).Root.GetRawText());
    }

    [Theory]
    [InlineData("/", "room1", "socket.io#/#room1#")]
    [InlineData("/admin", "7", "socket.io#/admin#7#")]
    [InlineData("/", "ünï ☃#", "socket.io#/#ünï ☃##")]
    public void A_room_has_a_channel(string nsp, string room, string channel)
    {
        var channels = new AdapterChannels("socket.io", nsp);

        Assert.Equal(channel, channels.BroadcastsTo([room]).Name);
        Assert.Equal(room, channels.RoomOf(channel));
        Assert.Equal($"socket.io#{nsp}#", channels.BroadcastsTo([room, "other"]).Name);
        Assert.Equal("", channels.RoomOf($"socket.io#{nsp}#"));
        Assert.Equal((new RedisChannel($"socket.io-request#{nsp}#"), new RedisChannel($"socket.io-response#{nsp}#{Uid}#")), (channels.Requests, channels.ResponsesTo(Uid)));
    }

    [Fact]
    public void A_namespace_is_no_pattern()
        => Assert.Equal(new RedisChannel(@"k#/\[a\]\*\?\\#*", RedisChannelKind.Pattern), new AdapterChannels("k", @"/[a]*?\").Broadcasts);

    [Theory]
    [InlineData("")]
    [InlineData("7B")]
    [InlineData("7B7D7D")]
    [InlineData("9301")]
    [InlineData("9393")]
    [InlineData("0101")]
    [InlineData("C1")]
    [InlineData("91D9FF")]
    [InlineData("DD7FFFFFFF")]
    [InlineData("7B2261223A22FF227D")]
    [InlineData("7B22EDA080223A317D")]
    public void What_is_neither_JSON_nor_MessagePack_is_told(string hex)
        => Assert.ThrowsAny<JsonException>(() => AdapterBody.Read(Convert.FromHexString(hex), 64));

    // Half a surrogate pair as JavaScript writes it, alone, before the other half of another and between pairs, and what only looks like one; then what MessagePack may have instead.
    [Theory]
    [InlineData("""{"a":"\ud83d"}""", """{"a":"\ufffd"}""")]
    [InlineData("""{"\uDE00 \uD83D":"\uD83D\uDE00\uDE00\uD83D"}""", """{"\ufffd \ufffd":"\uD83D\uDE00\ufffd\ufffd"}""")]
    [InlineData("""{"a":"\ud83d\ud83d\ude00\ud83d\u0041\ud83d\n\ud83d\\ude00"}""", """{"a":"\ufffd\ud83d\ude00\ufffd\u0041\ufffd\n\ufffd\\ude00"}""")]
    [InlineData("""{"a":"\\ud83d","b":"\\\ud83d","c":"\ud7ff\ue000"}""", """{"a":"\\ud83d","b":"\\\ufffd","c":"\ud7ff\ue000"}""")]
    public void Half_a_surrogate_pair_in_JSON_is_no_text_and_becomes_some(string json, string expected)
    {
        var body = AdapterBody.Read(Encoding.UTF8.GetBytes(json), 64);

        Assert.Equal(expected, body.Root.GetRawText());
        Assert.All(body.Root.EnumerateObject(), static member => Assert.NotNull(member.Name + AdapterBody.TextOf(member.Value)));
    }

    [Theory]
    [InlineData("A3EDA0BD", "\ufffd")]
    [InlineData("A5EDA0BD78EF", "\ufffdx\ufffd")]
    [InlineData("A6EDA0BDEDB880", "\ufffd\ufffd")]
    [InlineData("A4F09F9880", "\ud83d\ude00")]
    [InlineData("A3ED9FBF", "\ud7ff")]
    [InlineData("A2EDA0", "\ufffd\ufffd")]
    [InlineData("A3EDA041", "\ufffd\ufffdA")]
    [InlineData("A1FF", "\ufffd")]
    [InlineData("A2C328", "\ufffd(")]
    public void What_is_no_UTF8_in_MessagePack_is_no_text_and_becomes_some(string hex, string expected)
    {
        var body = AdapterBody.Read([0x82, 0xA1, (byte)'a', .. Convert.FromHexString(hex), .. Convert.FromHexString(hex), 1], 64);

        Assert.Equal(expected, AdapterBody.TextOf(AdapterBody.Member(body.Root, "a"u8)));
        Assert.Equal(1, AdapterBody.NumberOf(AdapterBody.Member(body.Root, Encoding.UTF8.GetBytes(expected))));
    }

    [Theory]
    [InlineData("{\"a\":\"\\")]
    [InlineData("{\"a\":\"\\u")]
    [InlineData("{\"a\":\"\\ud83")]
    [InlineData("{\"a\":\"\\ud83d")]
    [InlineData("{\"a\":\"\\ud83d\\u")]
    [InlineData("{\"a\":\"\\ud8 d\"}")]
    [InlineData("{\"a\":\"\\u+83d\"}")]
    [InlineData("{\\ud83d:1}")]
    public void JSON_that_ends_in_an_escape_or_has_one_that_is_none_is_told(string json)
        => Assert.ThrowsAny<JsonException>(() => AdapterBody.Read(Encoding.UTF8.GetBytes(json), 64));

    // A million bytes of each value that is short here and long in JSON, or anywhere else.
    [Theory]
    [InlineData("C400")]
    [InlineData("C40101")]
    [InlineData("C70000")]
    [InlineData("C2")]
    [InlineData("80")]
    [InlineData("81A0C2")]
    [InlineData("A1FF")]
    [InlineData("D6FF00000000")]
    public void What_is_short_takes_no_more_than_so_many_times_its_length(string hex)
    {
        var value = Convert.FromHexString(hex);
        var body = Repeated(value, 1_000_000 / value.Length);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Record.Exception(() => AdapterBody.Read(body, 64));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 80 * body.Length);
        Assert.True(error is null or JsonException);
    }

    [Theory]
    [InlineData("C400", 1_000, true)]
    [InlineData("C400", 2_000, false)]
    [InlineData("C410 000102030405060708090A0B0C0D0E0F", 100_000, true)]
    [InlineData("84A26964A161A968616E647368616B6580A5726F6F6D7390A464617461C40100", 100_000, true)]
    public void There_may_be_as_many_binary_values_as_a_message_has_room_for(string hex, int count, bool isTaken)
    {
        var body = Repeated(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), count);

        if (isTaken)
            Assert.Equal(count, AdapterBody.Read(body, 64).Root.GetArrayLength());
        else
            Assert.ThrowsAny<JsonException>(() => AdapterBody.Read(body, 64));
    }

    [Fact]
    public async Task An_event_has_no_more_than_so_many_values()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var nsp = server.IO.Of("/");

        Assert.Equal(65_536, EventOf(65_536).Values.Length);
        Assert.ThrowsAny<JsonException>(() => EventOf(65_537));

        (string Name, EventValue[] Values) EventOf(int count)
        {
            var body = AdapterBody.Read(Encoding.UTF8.GetBytes($$"""{"data":["e"{{string.Concat(Enumerable.Repeat(",1", count))}}]}"""), 64);
            return body.EventOf(nsp, AdapterBody.Member(body.Root, "data"u8));
        }
    }

    [Fact]
    public void What_is_too_deep_is_told()
    {
        Assert.ThrowsAny<JsonException>(() => AdapterBody.Read([.. Enumerable.Repeat((byte)0x91, 100), 1], 64));
        Assert.ThrowsAny<JsonException>(() => AdapterBody.Read(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 100) + new string(']', 100) + "}"), 64));
    }

    private static byte[] Repeated(byte[] value, int count)
        => [0xDD, (byte)(count >> 24), (byte)(count >> 16), (byte)(count >> 8), (byte)count, .. Enumerable.Repeat(value, count).SelectMany(static bytes => bytes)];

    private static EventValue[] Values(params object?[] values) => [.. values.Select(Json.ToValue)];

    private static void AssertHex(string expected, ReadOnlyMemory<byte> actual)
        => Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant(), Convert.ToHexString(actual.Span));

    private static void AssertText(string expected, ReadOnlyMemory<byte> actual) => Assert.Equal(expected, Encoding.UTF8.GetString(actual.Span));
}
