using System.Text;
using System.Text.Json;
using FsCheck.Fluent;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Tests.Protocol;

public sealed class PacketDecoderTests
{
    private static readonly PacketLimits Limits = new();

    [Fact]
    public void As_many_binary_values_are_taken_as_are_allowed()
    {
        var decoder = new PacketDecoder(Limits);
        var placeholders = string.Join(',', Enumerable.Range(0, 10).Select(number => $"{{\"_placeholder\":true,\"num\":{number}}}"));

        Assert.Null(decoder.Add(Encoding.UTF8.GetBytes($"510-[\"e\",{placeholders}]")));
        for (byte number = 0; number < 9; number++)
            Assert.Null(decoder.AddAttachment(new byte[] { number }));

        Assert.Equal(10, decoder.AddAttachment(new byte[] { 9 })!.Attachments.Count);
    }

    [Theory]
    [InlineData("0", PacketType.Connect, "/", null, "")]
    [InlineData("0{\"token\":\"t\"}", PacketType.Connect, "/", null, "{\"token\":\"t\"}")]
    [InlineData("0/admin,{\"a\":1}", PacketType.Connect, "/admin", null, "{\"a\":1}")]
    [InlineData("0/admin", PacketType.Connect, "/admin", null, "")]
    [InlineData("0/admin?x=1&y=%20,", PacketType.Connect, "/admin?x=1&y=%20", null, "")]
    [InlineData("0/日本,", PacketType.Connect, "/日本", null, "")]
    [InlineData("1", PacketType.Disconnect, "/", null, "")]
    [InlineData("1/admin,", PacketType.Disconnect, "/admin", null, "")]
    [InlineData("2/admin,[\"hello\",1]", PacketType.Event, "/admin", null, "[\"hello\",1]")]
    [InlineData("21[\"ack\",\"x\",2]", PacketType.Event, "/", 1uL, "[\"ack\",\"x\",2]")]
    [InlineData("212345678901[\"ack\"]", PacketType.Event, "/", 12345678901uL, "[\"ack\"]")]
    [InlineData("218446744073709551615[\"ack\"]", PacketType.Event, "/", ulong.MaxValue, "[\"ack\"]")]
    [InlineData("31[\"x\",2]", PacketType.Ack, "/", 1uL, "[\"x\",2]")]
    [InlineData("3/a,0[]", PacketType.Ack, "/a", 0uL, "[]")]
    [InlineData("2", PacketType.Event, "/", null, "")]
    [InlineData("3[\"x\"]", PacketType.Ack, "/", null, "[\"x\"]")]
    [InlineData("4{\"message\":\"no\"}", PacketType.ConnectError, "/", null, "{\"message\":\"no\"}")]
    internal void A_packet_is_read_in_its_parts(string text, PacketType type, string nsp, ulong? id, string payload)
    {
        var packet = new PacketDecoder(Limits).Add(Encoding.UTF8.GetBytes(text));

        Assert.NotNull(packet);
        Assert.Equal((type, nsp, id, payload), (packet.Type, packet.Namespace, packet.Id, Encoding.UTF8.GetString(packet.Payload.Span)));
    }

    [Theory]
    [InlineData("2[\"hello\", 1 ,{\"a\":[2]} , null]", "hello", "1|{\"a\":[2]}|null")]
    [InlineData("2[7,\"x\"]", "7", "\"x\"")]
    [InlineData("2[\"\"]", "", "")]
    [InlineData("2[\"e\",{\"_placeholder\":true,\"num\":9}]", "e", "{\"_placeholder\":true,\"num\":9}")]
    public void An_event_has_a_name_and_values(string text, string name, string values)
    {
        var packet = new PacketDecoder(Limits).Add(Encoding.UTF8.GetBytes(text))!;

        Assert.Equal((name, values), (packet.EventName, string.Join('|', packet.Values.Select(value => Encoding.UTF8.GetString(value.Span)))));
    }

    [Theory]
    [InlineData("", "unknown packet type")]
    [InlineData("9", "unknown packet type")]
    [InlineData("7", "unknown packet type")]
    [InlineData("abc", "unknown packet type")]
    [InlineData("5[\"a\"]", "Illegal attachments")]
    [InlineData("50-[\"a\"]", "Illegal attachments")]
    [InlineData("51.5-[\"a\"]", "Illegal attachments")]
    [InlineData("5-1-[\"a\"]", "Illegal attachments")]
    [InlineData("5 1-[\"a\"]", "Illegal attachments")]
    [InlineData("61e1-[\"a\"]", "Illegal attachments")]
    [InlineData("599999999999-[\"a\"]", "Illegal attachments")]
    [InlineData("511-[\"a\"]", "too many attachments")]
    [InlineData("54294967295-[\"a\"]", "too many attachments")]
    [InlineData("0\"abc\"", "invalid payload")]
    [InlineData("0null", "invalid payload")]
    [InlineData("0[]", "invalid payload")]
    [InlineData("0{}x", "invalid payload")]
    [InlineData("0{", "invalid payload")]
    [InlineData("1{}", "invalid payload")]
    [InlineData("1/admin,[]", "invalid payload")]
    [InlineData("2{}", "invalid payload")]
    [InlineData("2[]", "invalid payload")]
    [InlineData("2[null]", "invalid payload")]
    [InlineData("2[{}]", "invalid payload")]
    [InlineData("2[[\"a\"]]", "invalid payload")]
    [InlineData("2[\"a\"", "invalid payload")]
    [InlineData("2[\"a\"]]", "invalid payload")]
    [InlineData("2[\"a\",]", "invalid payload")]
    [InlineData("2[\"connect\"]", "invalid payload")]
    [InlineData("2[\"connect_error\"]", "invalid payload")]
    [InlineData("2[\"disconnect\"]", "invalid payload")]
    [InlineData("2[\"disconnecting\"]", "invalid payload")]
    [InlineData("2[\"newListener\"]", "invalid payload")]
    [InlineData("2[\"remove\\u004cistener\"]", "invalid payload")]
    [InlineData("2abc[\"x\"]", "invalid payload")]
    [InlineData("2-1[\"x\"]", "invalid payload")]
    [InlineData("218446744073709551616[\"x\"]", "invalid payload")]
    [InlineData("3{}", "invalid payload")]
    [InlineData("51-[\"a\",{\"_placeholder\":true,\"num\":1}]", "illegal attachments")]
    [InlineData("51-[\"a\",{\"_placeholder\":true,\"num\":-1}]", "illegal attachments")]
    [InlineData("51-[\"a\",{\"_placeholder\":true,\"num\":0.5}]", "illegal attachments")]
    [InlineData("51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]", "illegal attachments")]
    [InlineData("51-[\"a\",{\"_placeholder\":true}]", "illegal attachments")]
    [InlineData("51-[\"a\",{\"_placeholder\":true,\"num\":\"splice\"}]", "illegal attachments")]
    [InlineData("51-[\"a\",{\"x\":[{\"num\":99999999999,\"_placeholder\":true}]}]", "illegal attachments")]
    public void What_is_no_packet_is_refused_with_its_reason(string text, string reason)
        => Assert.Equal(reason, Assert.Throws<PacketException>(() => new PacketDecoder(Limits).Add(Encoding.UTF8.GetBytes(text))).Message);

    [Theory]
    [InlineData("\\ud83d", "\ufffd")]
    [InlineData("\\uDE00", "\ufffd")]
    [InlineData("\\ud83d\\ude00", "\ud83d\ude00")]
    [InlineData("\\ude00\\ud83d", "\ufffd\ufffd")]
    [InlineData("\\ud83d\\ud83d\\ude00", "\ufffd\ud83d\ude00")]
    [InlineData("\\ud83d\\n\\ude00", "\ufffd\n\ufffd")]
    [InlineData("\\ud83du\\u0041", "\ufffduA")]
    [InlineData("\\\\ud83d", "\\ud83d")]
    [InlineData("\\\\\\ud83d", "\\\ufffd")]
    [InlineData("é\\\"\\ud83d", "é\"\ufffd")]
    public void Half_a_surrogate_pair_is_read_as_the_replacement_character(string escaped, string text)
    {
        var packet = new PacketDecoder(Limits).Add(Encoding.UTF8.GetBytes($"2[\"{escaped}\",{{\"{escaped}\":[\"{escaped}\"]}}]"));

        Assert.NotNull(packet);
        Assert.Equal(text, packet.EventName);
        var member = Assert.Single(JsonDocument.Parse(Assert.Single(packet.Values)).RootElement.EnumerateObject());
        Assert.Equal((text, text), (member.Name, member.Value[0].GetString()));
    }

    [Theory]
    [InlineData("2[\"\\ud83")]
    [InlineData("2[\"\\ud83d")]
    [InlineData("2[\"\\ud83x\"]")]
    [InlineData("2[\"\\")]
    [InlineData("2\\ud83d")]
    public void What_is_cut_off_is_no_packet(string text)
        => Assert.Throws<PacketException>(() => new PacketDecoder(Limits).Add(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Attachments_follow_in_order()
    {
        var decoder = new PacketDecoder(Limits);

        Assert.Null(decoder.Add("52-/admin,7[\"bin\",{\"a\":{\"_placeholder\":true,\"num\":0}},{\"num\":1,\"_placeholder\":true}]"u8.ToArray()));
        Assert.Null(decoder.AddAttachment(new byte[] { 1, 2 }));
        var packet = decoder.AddAttachment(Array.Empty<byte>());

        Assert.NotNull(packet);
        Assert.Equal((PacketType.BinaryEvent, "/admin", (ulong?)7, "bin"), (packet.Type, packet.Namespace, packet.Id, packet.EventName));
        Assert.Equal(["0102", ""], packet.Attachments.Select(bytes => Convert.ToHexString(bytes.Span)));
        Assert.NotNull(decoder.Add("2[\"next\"]"u8.ToArray()));
    }

    [Fact]
    public void Text_must_not_come_before_the_last_attachment()
    {
        var decoder = new PacketDecoder(Limits);
        decoder.Add("51-[\"a\",{\"_placeholder\":true,\"num\":0}]"u8.ToArray());

        Assert.Equal("got plaintext data when reconstructing a packet", Assert.Throws<PacketException>(() => decoder.Add("2[\"a\"]"u8.ToArray())).Message);
    }

    [Fact]
    public void Nobody_expects_an_attachment_by_itself()
        => Assert.Equal(
            "got binary data when not reconstructing a packet",
            Assert.Throws<PacketException>(() => new PacketDecoder(Limits).AddAttachment(new byte[1])).Message);

    [Theory]
    [InlineData(40, true)]
    [InlineData(41, false)]
    public void A_packet_and_its_attachments_have_one_limit(int size, bool isTaken)
    {
        const string Head = "52-[\"a\"]";
        var decoder = new PacketDecoder(Limits with { MaxPacketSize = 40 });
        decoder.Add(Encoding.UTF8.GetBytes(Head));
        decoder.AddAttachment(new byte[20]);
        var last = new byte[size - Head.Length - 20];

        if (isTaken)
            Assert.NotNull(decoder.AddAttachment(last));
        else
            Assert.Throws<PacketException>(() => decoder.AddAttachment(last));
    }

    [Theory]
    [InlineData(40, true)]
    [InlineData(41, false)]
    public void So_has_a_packet_without_attachments(int size, bool isTaken)
    {
        var text = Encoding.UTF8.GetBytes($"2[\"{new string('x', size - 5)}\"]");
        var decoder = new PacketDecoder(Limits with { MaxPacketSize = 40 });

        if (isTaken)
            Assert.NotNull(decoder.Add(text));
        else
            Assert.Throws<PacketException>(() => decoder.Add(text));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(10_000, false)]
    public void JSON_is_only_so_deep(int depth, bool isTaken)
    {
        foreach (var (open, close, head) in new[] { ("[", "]", "2"), ("[", "]", "51-"), ("{\"a\":", "}", "0") })
        {
            var isEvent = open == "[";
            var text = isEvent
                ? $"{head}[\"e\",{string.Concat(Enumerable.Repeat(open, depth - 1))}{string.Concat(Enumerable.Repeat(close, depth - 1))}]"
                : $"{head}{string.Concat(Enumerable.Repeat(open, depth))}1{string.Concat(Enumerable.Repeat(close, depth))}";
            var failure = Record.Exception(() => new PacketDecoder(Limits).Add(Encoding.UTF8.GetBytes(text)));

            if (isTaken)
                Assert.Null(failure);
            else
                Assert.IsType<PacketException>(failure);
        }
    }

    [Fact]
    public void An_event_has_only_so_many_values()
    {
        var most = "[\"e\"" + string.Concat(Enumerable.Repeat(",1", PacketLimits.MaxValueCount - 1));

        Assert.NotNull(new PacketDecoder(Limits).Add(Encoding.UTF8.GetBytes($"2{most}]")));
        Assert.Throws<PacketException>(() => new PacketDecoder(Limits).Add(Encoding.UTF8.GetBytes($"2{most},1]")));
    }

    [Fact]
    public void Whatever_comes_is_a_packet_or_refused()
        => Properties.Check(Prop.ForAll(
            HostileBytes.Tokens("0", "1", "2", "3", "4", "5", "6", "-", "/", "/admin", ",", "[", "]", "{", "}", "\"e\"", "\"_placeholder\"", ":", "true", "\"num\"", "\\u", "\"\\ud800\"", "é", "null", " "),
            bytes =>
            {
                try
                {
                    var decoder = new PacketDecoder(Limits);
                    decoder.Add(bytes);
                    decoder.AddAttachment(bytes);
                }
                catch (PacketException)
                {
                    // The only thing that may be thrown.
                }
            }));
}
