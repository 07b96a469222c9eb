using System.Buffers;
using System.Runtime.InteropServices;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class MessageAssemblerTests
{
    private static readonly MessageLimits Narrow = new(MaxMessageSize: 10, MaxStreamedMessageSize: 20, MaxFragmentCount: 4);

    [Theory]
    [InlineData(10, false, "Binary")]
    [InlineData(11, false, "Fails 1009")]
    [InlineData(20, true, "Binary")]
    [InlineData(21, true, "Fails 1009")]
    public void Message_of_exactly_the_limit_is_received_and_one_byte_more_fails_with_1009(int length, bool streaming, string beginning)
    {
        var line = Assert.Single(Transcript.Of(ClientFrame.Bytes(0x82, new byte[length]), Narrow, streaming));
        Assert.StartsWith(beginning, line, StringComparison.Ordinal);
    }

    // CVE-2020-27813 of another server: the sum of fragments, with a pong between them so that nothing is reset by it.
    [Theory]
    [InlineData(4, 6, false, "Binary")]
    [InlineData(4, 7, false, "Fails 1009")]
    [InlineData(10, 0, false, "Binary")]
    [InlineData(10, 1, false, "Fails 1009")]
    [InlineData(0, 11, false, "Fails 1009")]
    [InlineData(9, 11, true, "Binary")]
    [InlineData(9, 12, true, "Fails 1009")]
    public void Fragments_are_limited_by_their_sum(int first, int second, bool streaming, string beginning)
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x02, new byte[first]),
            .. ClientFrame.Bytes(0x8A, []),
            .. ClientFrame.Bytes(0x80, new byte[second]),
        ];
        var lines = Transcript.Of(wire, Narrow, streaming);

        Assert.Equal("Pong", lines[0]);
        Assert.StartsWith(beginning, lines[1], StringComparison.Ordinal);
    }

    // CVE-2016-10542 of another server: the size is judged by the header, before memory is taken or payload awaited.
    [Theory]
    [InlineData(0x7fff_ffff)]
    [InlineData(0x8000_0000)]
    [InlineData(0xffff_ffff)]
    [InlineData(0x100_0000_0000)]
    [InlineData(long.MaxValue - 1)]
    [InlineData(long.MaxValue)]
    public void Announced_length_over_the_limit_fails_with_1009_at_the_header(long length)
    {
        var alone = ClientFrame.Header(0x82, (ulong)length);
        byte[] asSecond =
        [
            .. ClientFrame.Bytes(0x02, new byte[10]),
            .. ClientFrame.Bytes(0x8A, []),
            .. ClientFrame.Header(0x00, (ulong)length),
        ];

        foreach (var streaming in new[] { false, true })
        {
            Assert.Equal(["Fails 1009"], Transcript.Of(alone, streaming: streaming));
            Assert.Equal(["Pong", "Fails 1009"], Transcript.Of(asSecond, streaming: streaming));
        }
    }

    [Fact]
    public void Largest_limits_do_not_overflow()
    {
        var limits = new MessageLimits(int.MaxValue, long.MaxValue, int.MaxValue);
        byte[] wire = [.. ClientFrame.Bytes(0x02, new byte[1]), .. ClientFrame.Header(0x80, long.MaxValue)];

        Assert.Equal(["Fails 1009"], Transcript.Of(wire, limits));
        Assert.Equal(["Fails 1009"], Transcript.Of(wire, limits, streaming: true));
        Assert.Equal([], Transcript.Of(ClientFrame.Header(0x82, long.MaxValue), limits, streaming: true));
    }

    [Fact]
    public void Limit_is_of_each_message_and_not_of_all()
    {
        byte[] wire = [.. Enumerable.Repeat(ClientFrame.Bytes(0x82, new byte[10]), 5).SelectMany(frame => frame)];
        Assert.Equal(Enumerable.Repeat($"Binary {new string('0', 20)}", 5), Transcript.Of(wire, Narrow));
    }

    // ws#2331: empty fragments count, or they go on for ever.
    [Theory]
    [InlineData(0, 4, "Binary")]
    [InlineData(0, 5, "Fails 1008")]
    [InlineData(1, 4, "Binary 00000000")]
    [InlineData(1, 5, "Fails 1008")]
    public void Fragments_are_counted_empty_ones_too(int length, int count, string line)
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x02, new byte[length]),
            .. Enumerable.Repeat(ClientFrame.Bytes(0x00, new byte[length]), count - 2).SelectMany(frame => frame),
            .. ClientFrame.Bytes(0x80, new byte[length]),
        ];

        Assert.Equal([line], Transcript.Of(wire, Narrow));
        Assert.Equal([line], Transcript.Of(wire, Narrow, streaming: true));
    }

    [Fact]
    public void Control_frames_and_earlier_messages_are_no_fragments()
    {
        byte[] message =
        [
            .. ClientFrame.Bytes(0x02, [1]),
            .. ClientFrame.Bytes(0x89, []),
            .. ClientFrame.Bytes(0x00, [2]),
            .. ClientFrame.Bytes(0x89, []),
            .. ClientFrame.Bytes(0x00, [3]),
            .. ClientFrame.Bytes(0x80, [4]),
        ];

        Assert.Equal(["Ping", "Ping", "Binary 01020304", "Ping", "Ping", "Binary 01020304"], Transcript.Of([.. message, .. message], Narrow));
    }

    [Fact]
    public void Limit_is_that_of_the_mode_in_which_the_message_began()
    {
        var assembler = new MessageAssembler(Narrow) { Streaming = true };
        var input = new ReadOnlySequence<byte>([
            .. ClientFrame.Bytes(0x02, new byte[8]),
            .. ClientFrame.Bytes(0x80, new byte[8]),
            .. ClientFrame.Bytes(0x82, new byte[11]),
        ]);

        Assert.True(assembler.TryReceive(ref input, out _));
        assembler.Streaming = false;
        Assert.True(assembler.TryReceive(ref input, out var second));
        Assert.Equal((ReceivedKind.MessagePart, true), (second.Kind, second.EndOfMessage));
        Assert.Equal(CloseCode.MessageTooBig, Assert.Throws<ProtocolViolationException>(() => assembler.TryReceive(ref input, out _)).Code);
    }

    // CVE-2026-48779 of another server: what is retained follows the bytes received, whatever the number of pieces they come in.
    [Fact]
    public void Fragments_of_one_byte_retain_no_more_than_twice_their_sum()
    {
        const int Size = 1 << 16;
        using var assembler = new MessageAssembler(new MessageLimits(Size, Size, Size));
        var largest = 0;

        for (var index = 1; index <= Size; index++)
        {
            var first = (byte)((index == 1 ? 0x02 : 0x00) | (index == Size ? 0x80 : 0x00));
            var input = new ReadOnlySequence<byte>(ClientFrame.Bytes(first, [0x2A]));
            var isWhole = assembler.TryReceive(ref input, out var received);
            Assert.Equal(index == Size, isWhole);

            if (isWhole)
            {
                Assert.Equal(Size, received.Payload.Length);
                Assert.True(SequenceMarshal.TryGetArray(received.Payload, out var array));
                largest = array.Array!.Length;
            }
        }

        Assert.InRange(largest, Size, 2 * Size);
    }
}
