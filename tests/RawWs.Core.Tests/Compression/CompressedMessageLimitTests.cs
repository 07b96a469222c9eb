using System.Buffers;
using System.Runtime.InteropServices;
using RawWs.Compression;
using RawWs.Conformance;
using RawWs.Protocol;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Compression;

/// <summary>CVE-2018-1000518 and CVE-2026-1526 of other servers: what a message inflates to is limited, to the byte, before it is there.</summary>
public class CompressedMessageLimitTests
{
    private static readonly DeflateWire.Limits Narrow = new(10, 10);

    [Theory]
    [InlineData(9, "Binary 000000000000000000")]
    [InlineData(10, "Binary 00000000000000000000")]
    [InlineData(11, "Fails 1009")]
    [InlineData(20, "Fails 1009")]
    [InlineData(1000, "Fails 1009")]
    public void Message_of_exactly_the_limit_is_received_and_one_byte_more_fails_with_1009(int length, string line)
    {
        var payload = DeflateWire.Bomb(length);
        Assert.Equal([line], DeflateWire.Transcribe(ClientFrame.Bytes(0xC2, payload), DeflateWire.Apart, Narrow));
        Assert.Equal([line], DeflateWire.Transcribe(ClientFrame.Bytes(0xC2, payload), DeflateWire.Takeover, Narrow));
    }

    [Theory]
    [InlineData(10, "Binary 00000000000000000000")]
    [InlineData(11, "Fails 1009")]
    public void Fragments_are_limited_by_what_all_inflate_to(int length, string line)
    {
        var payload = DeflateWire.Bomb(length);
        for (var cut = 0; cut <= payload.Length; cut++)
        {
            byte[] wire = [.. ClientFrame.Bytes(0x42, payload.AsSpan(0, cut)), .. ClientFrame.Bytes(0x80, payload.AsSpan(cut))];
            Assert.Equal([line], DeflateWire.Transcribe(wire, DeflateWire.Apart, Narrow));
        }
    }

    // The last byte comes when there is no room any more, from a block of its own in a frame of its own.
    [Theory]
    [InlineData(0, "Binary 61626364656667686970")]
    [InlineData(1, "Fails 1009")]
    public void Byte_behind_a_full_message_fails_with_1009(int more, string line)
    {
        var last = new BitWriter().Stored(new byte[more]).EndMessage();
        byte[] wire = [.. ClientFrame.Bytes(0x42, new BitWriter().Stored("abcdefghip"u8).ToArray()), .. ClientFrame.Bytes(0x80, last)];
        Assert.Equal([line], DeflateWire.Transcribe(wire, DeflateWire.Apart, Narrow));
    }

    [Fact]
    public void Limit_is_of_each_message()
    {
        byte[] wire = [.. Enumerable.Repeat(ClientFrame.Bytes(0xC2, DeflateWire.Bomb(10)), 5).SelectMany(frame => frame)];
        Assert.Equal(Enumerable.Repeat("Binary 00000000000000000000", 5), DeflateWire.Transcribe(wire, DeflateWire.Takeover, Narrow));
    }

    [Fact]
    public void Empty_message_is_received_where_nothing_else_may_be()
    {
        var none = new DeflateWire.Limits(0, 0);
        Assert.Equal(["Text"], DeflateWire.Transcribe(DeflateWire.Frame("00"), DeflateWire.Apart, none));
        Assert.Equal(["Fails 1009"], DeflateWire.Transcribe(DeflateWire.Frame(DeflateWire.Hello), DeflateWire.Apart, none));
    }

    // What a header announces is judged there: a compressed message may be longer than its limit on the wire, by what stored blocks add, and no more.
    [Theory]
    [InlineData(1_000_000, 1_000_000, "")]
    [InlineData(1_000_000, 1_001_000, "")]
    [InlineData(1_000_000, 1_300_000, "Fails 1009")]
    [InlineData(1_000_000, uint.MaxValue, "Fails 1009")]
    [InlineData(1_000_000, long.MaxValue, "Fails 1009")]
    [InlineData(int.MaxValue, long.MaxValue, "Fails 1009")]
    [InlineData(0, 5000, "Fails 1009")]
    public void Announced_length_far_over_the_limit_fails_with_1009_at_the_header(int limit, long length, string line)
    {
        var limits = new DeflateWire.Limits(limit, limit);
        string[] expected = line.Length == 0 ? [] : [line];
        Assert.Equal(expected, DeflateWire.Transcribe(ClientFrame.Header(0xC2, (ulong)length), DeflateWire.Apart, limits));
    }

    [Fact]
    public void Largest_limits_do_not_overflow()
    {
        using var states = DeflateWire.States();
        var limits = new MessageLimits(int.MaxValue, long.MaxValue, int.MaxValue);
        byte[] wire = [.. ClientFrame.Bytes(0x42, [0x00]), .. ClientFrame.Header(0x80, long.MaxValue)];
        Assert.Equal(["Fails 1009"], Transcript.Of(wire, limits, streaming: true, () => new MessageInflater(states, DeflateWire.Apart)));
        Assert.Equal(["Fails 1009"], Transcript.Of(wire, limits, streaming: false, () => new MessageInflater(states, DeflateWire.Apart)));
    }

    [Fact]
    public void Incompressible_message_of_the_limit_is_received_though_its_frame_is_larger()
    {
        var message = new byte[100_000];
        new Random(5).NextBytes(message);
        var payload = new BitWriter();
        foreach (var chunk in message.Chunk(1000))
            payload.Stored(chunk);
        var wire = ClientFrame.Bytes(0xC2, payload.EndMessage());
        using var states = DeflateWire.States();

        var line = Assert.Single(Transcript.Of(
            wire, new Segmentation([], true, false), new MessageLimits(message.Length, message.Length, 1), streaming: false,
            () => new MessageInflater(states, DeflateWire.Apart)));
        Assert.Equal($"Binary {Hex.Of(message)}", line);
    }

    // A bomb of 1000:1 costs no more than its limit, and where there is room for it, no more than itself and what doubling leaves.
    [Theory]
    [InlineData(1 << 20, 1 << 16)]
    [InlineData(1 << 24, 1 << 20)]
    [InlineData(1 << 24, 1000)]
    public void Bomb_is_never_there_beyond_its_limit(int length, int limit)
    {
        using var states = DeflateWire.States();
        var wire = ClientFrame.Bytes(0xC2, DeflateWire.Bomb(length));
        Assert.InRange(wire.Length, 1, length / 500);
        Allocate(wire, limit, states);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var code = Allocate(wire, limit, states);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // The pool may have nothing to rent out: all sizes on the way to the limit, each twice the one before, and objects.
        Assert.Equal(CloseCode.MessageTooBig, code);
        Assert.InRange(allocated, 0, 4L * limit + 100_000);
    }

    [Theory]
    [InlineData(1 << 10)]
    [InlineData(1 << 16)]
    [InlineData(1 << 20)]
    public void Collected_message_lies_in_no_more_than_twice_its_size(int length)
    {
        using var states = DeflateWire.States();
        using var inflater = new MessageInflater(states, DeflateWire.Apart);
        using var assembler = new MessageAssembler(new MessageLimits(1 << 24, 1 << 24, 1), inflater);
        var input = new ReadOnlySequence<byte>(ClientFrame.Bytes(0xC2, DeflateWire.Bomb(length)));

        Assert.True(assembler.TryReceive(ref input, out var received));
        Assert.Equal(length, received.Payload.Length);
        Assert.True(SequenceMarshal.TryGetArray(received.Payload, out var array));
        Assert.InRange(array.Array!.Length, length, 2 * length);
    }

    [Fact]
    public void Streamed_message_beyond_its_limit_fails_with_1009_after_exactly_the_limit_or_less()
    {
        using var states = DeflateWire.States();
        using var inflater = new MessageInflater(states, DeflateWire.Apart);
        using var assembler = new MessageAssembler(new MessageLimits(1000, 100_000, 10), inflater) { Streaming = true };
        var input = new ReadOnlySequence<byte>(ClientFrame.Bytes(0xC2, DeflateWire.Bomb(100_001)));
        var total = 0L;

        var violation = Assert.Throws<ProtocolViolationException>(() =>
        {
            while (assembler.TryReceive(ref input, out var received))
                total += received.Payload.Length;
        });
        Assert.Equal(CloseCode.MessageTooBig, violation.Code);
        Assert.InRange(total, 0, 100_000);
    }

    private static CloseCode? Allocate(byte[] wire, int limit, DeflateStates states)
    {
        using var inflater = new MessageInflater(states, DeflateWire.Apart);
        using var assembler = new MessageAssembler(new MessageLimits(limit, limit, 1), inflater);
        byte[] copy = [.. wire];
        var input = new ReadOnlySequence<byte>(copy);
        try
        {
            assembler.TryReceive(ref input, out _);
            return null;
        }
        catch (ProtocolViolationException violation)
        {
            return violation.Code;
        }
    }
}
