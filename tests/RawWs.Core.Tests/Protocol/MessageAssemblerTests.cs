using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class MessageAssemblerTests
{
    private const string Hello = "48656c6c6f";

    // The masked forms of RFC 6455 §5.7's examples; those that it gives unmasked carry the key of the masked one.
    [Theory]
    [InlineData("81 85 37fa213d 7f9f4d5158", $"Text {Hello}")]
    [InlineData("01 83 37fa213d 7f9f4d   80 82 37fa213d 5b95", $"Text {Hello}")]
    [InlineData("89 85 37fa213d 7f9f4d5158", $"Ping {Hello}")]
    [InlineData("8a 85 37fa213d 7f9f4d5158", $"Pong {Hello}")]
    [InlineData("82 85 37fa213d 7f9f4d5158", $"Binary {Hello}")]
    [InlineData("88 82 37fa213d 3412", "Close 03e8")]
    public void Single_message_is_received(string hex, string line)
    {
        Assert.Equal([line], Transcript.Of(hex));
        Assert.Equal([line], Transcript.Of(hex, streaming: true));
    }

    [Theory]
    [InlineData("81 80 37fa213d", "Text")]
    [InlineData("82 80 37fa213d", "Binary")]
    [InlineData("89 80 37fa213d", "Ping")]
    [InlineData("8a 80 37fa213d", "Pong")]
    [InlineData("88 80 37fa213d", "Close")]
    [InlineData("01 80 37fa213d   80 80 37fa213d", "Text")]
    [InlineData("02 80 37fa213d   00 80 37fa213d   80 80 37fa213d", "Binary")]
    public void Empty_message_is_received(string hex, string line)
    {
        Assert.Equal([line], Transcript.Of(hex));
        Assert.Equal([line], Transcript.Of(hex, streaming: true));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(256)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(70_001)]
    public void Payload_of_any_length_is_received(int length)
    {
        byte[] payload = [.. Enumerable.Range(0, length).Select(index => (byte)(index * 31))];
        byte[] wire = [.. ClientFrame.Bytes(0x82, payload), .. ClientFrame.Bytes(0x89, "Hello"u8)];

        Assert.Equal([$"Binary {Hex.Of(payload)}", $"Ping {Hello}"], Transcript.Of(wire));
        Assert.Equal([$"Binary {Hex.Of(payload)}", $"Ping {Hello}"], Transcript.Of(wire, streaming: true));
    }

    [Fact]
    public void Fragments_each_with_its_own_key_make_one_message()
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x02, "He"u8, key: 0x01020304),
            .. ClientFrame.Bytes(0x00, [], key: 0xffffffff),
            .. ClientFrame.Bytes(0x00, "l"u8, key: 0x00000000),
            .. ClientFrame.Bytes(0x80, "lo"u8, key: 0xfedcba98),
        ];

        Assert.Equal([$"Binary {Hello}"], Transcript.Of(wire));
        Assert.Equal([$"Binary {Hello}"], Transcript.Of(wire, streaming: true));
    }

    // §5.4: "Control frames MAY be injected in the middle of a fragmented message", and come out in the order of the wire.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Control_frames_between_fragments_come_out_before_the_message(bool streaming)
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x8A, "0"u8),
            .. ClientFrame.Bytes(0x01, "Hel"u8),
            .. ClientFrame.Bytes(0x89, "1"u8),
            .. ClientFrame.Bytes(0x8A, []),
            .. ClientFrame.Bytes(0x00, []),
            .. ClientFrame.Bytes(0x89, new byte[125]),
            .. ClientFrame.Bytes(0x80, "lo"u8),
            .. ClientFrame.Bytes(0x89, "2"u8),
        ];

        string[] expected = ["Pong 30", "Ping 31", "Pong", $"Ping {new string('0', 250)}", $"Text {Hello}", "Ping 32"];
        Assert.Equal(expected, Transcript.Of(wire, streaming: streaming));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Messages_follow_one_another_without_a_trace_of_the_last(bool streaming)
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x01, "He"u8),
            .. ClientFrame.Bytes(0x80, "llo"u8),
            .. ClientFrame.Bytes(0x82, Hex.Bytes("ff fe c0")),
            .. ClientFrame.Bytes(0x81, []),
            .. ClientFrame.Bytes(0x02, Hex.Bytes("f0 90")),
            .. ClientFrame.Bytes(0x80, []),
            .. ClientFrame.Bytes(0x81, "Hello"u8),
            .. ClientFrame.Bytes(0x88, Hex.Bytes("03 e8")),
        ];

        string[] expected = [$"Text {Hello}", "Binary fffec0", "Text", "Binary f090", $"Text {Hello}", "Close 03e8"];
        Assert.Equal(expected, Transcript.Of(wire, streaming: streaming));
    }

    [Fact]
    public void Ten_thousand_small_frames_in_one_arrival_are_all_received()
    {
        byte[] wire = [.. Enumerable.Repeat(ClientFrame.Bytes(0x81, "Hello"u8), 10_000).SelectMany(frame => frame)];
        var lines = Transcript.Of(wire, new Segmentation([], ArrivesAtOnce: true, IsSegmented: false), Transcript.Roomy, streaming: false);

        Assert.Equal(Enumerable.Repeat($"Text {Hello}", 10_000), lines);
    }

    [Theory]
    [InlineData("81 05 48656c6c6f", "Fails 1002")]
    [InlineData("83 85 37fa213d 7f9f4d5158", "Fails 1002")]
    [InlineData("a1 85 37fa213d 7f9f4d5158", "Fails 1002")]
    [InlineData("c1 85 37fa213d 7f9f4d5158", "Fails 1002")]
    [InlineData("80 85 37fa213d 7f9f4d5158", "Fails 1002")]
    [InlineData("09 80 37fa213d", "Fails 1002")]
    [InlineData("89 fe 007e 37fa213d", "Fails 1002")]
    [InlineData("82 fe 007d 37fa213d", "Fails 1002")]
    [InlineData("82 ff 8000000000000000 37fa213d", "Fails 1002")]
    public void Frame_that_breaks_a_rule_fails_with_1002_after_what_came_before(string hex, string line)
    {
        byte[] wire = [.. ClientFrame.Bytes(0x81, "Hello"u8), .. ClientFrame.Bytes(0x89, []), .. Hex.Bytes(hex)];

        Assert.Equal([$"Text {Hello}", "Ping", line], Transcript.Of(wire));
        Assert.Equal([$"Text {Hello}", "Ping", line], Transcript.Of(wire, streaming: true));
    }

    [Theory]
    [InlineData("81 80 37fa213d")]
    [InlineData("02 80 37fa213d")]
    public void New_message_inside_a_fragmented_one_fails_with_1002(string hex)
    {
        byte[] wire = [.. ClientFrame.Bytes(0x01, "Hel"u8), .. ClientFrame.Bytes(0x89, []), .. Hex.Bytes(hex)];

        Assert.Equal(["Ping", "Fails 1002"], Transcript.Of(wire));
        Assert.Equal(["Ping", "Fails 1002"], Transcript.Of(wire, streaming: true));
    }

    [Fact]
    public void Continuation_after_the_final_fragment_fails_with_1002()
        => Assert.Equal([$"Text {Hello}", "Fails 1002"], Transcript.Of("01 83 37fa213d 7f9f4d   80 82 37fa213d 5b95   80 80 37fa213d"));

    [Fact]
    public void Properties_tell_where_the_input_stands()
    {
        var assembler = new MessageAssembler(Transcript.Roomy);
        var wire = Hex.Bytes("01 83 37fa213d 7f9f4d   80 82 37fa213d 5b95");
        var buffer = new ReceiveBuffer(wire, new Segmentation([.. Enumerable.Range(1, wire.Length - 1)], ArrivesAtOnce: false, IsSegmented: false));
        var places = "";

        for (var end = 0; end <= wire.Length; end++)
        {
            var unread = buffer.Receive(end);
            assembler.TryReceive(ref unread, out _);
            buffer.Release(unread);
            places += (assembler.IsInMessage, assembler.IsInFrame) switch
            {
                (false, false) => '.',
                (true, true) => 'F',
                (true, false) => 'm',
                _ => '?',
            };
        }

        // Six bytes of header; three of payload; between the frames the message goes on; the last byte of the second ends both.
        Assert.Equal("......FFFmmmmmmFF.", places);
    }

    [Fact]
    public void Input_is_moved_past_what_was_delivered_and_no_further()
    {
        var next = ClientFrame.Bytes(0x89, "Hello"u8);
        byte[] wire = [.. ClientFrame.Bytes(0x81, "Hello"u8), .. next];
        var input = new ReadOnlySequence<byte>(wire);

        Assert.True(new MessageAssembler(Transcript.Roomy).TryReceive(ref input, out _));
        Assert.Equal(next, input.ToArray());
    }

    [Fact]
    public void Bytes_behind_a_frame_are_not_unmasked_with_it()
    {
        var next = ClientFrame.Bytes(0x82, new byte[64]);
        byte[] wire = [.. ClientFrame.Bytes(0x82, new byte[3]), .. next];
        var input = new ReadOnlySequence<byte>(wire);
        new MessageAssembler(Transcript.Roomy).TryReceive(ref input, out _);

        Assert.Equal(next, wire[^next.Length..]);
    }
}
