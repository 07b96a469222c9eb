using RawWs.Conformance;
using RawWs.Protocol;
using RawWs.Tests.Protocol;
using static RawWs.Conformance.FixedHuffman;
using Inflater = RawWs.Compression.Inflater;

namespace RawWs.Tests.Compression;

public class InflaterTests
{
    // RFC 7692 has a window of 8 as well, which zlib can read though it can't write it.
    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    public void Farthest_reference_of_each_window_reaches_into_the_message_before(int windowBits)
    {
        using var inflater = new Inflater(windowBits);
        var window = Noise(1 << windowBits);

        Inflate(inflater, new BitWriter().Stored(window.AsSpan(0, window.Length / 2)).Stored(window.AsSpan(window.Length / 2)).ToArray(), 100);
        var reference = new BitWriter().BeginFixed().Match(200, 1 << windowBits).Symbol(EndOfBlock).Stored([]).ToArray();

        Assert.Equal(window[..200], Inflate(inflater, reference, 100));
    }

    // Whether zlib still has what lies outside the window depends on the size of our buffers; what must not happen is that it takes other bytes for it.
    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(12)]
    public void Reference_outside_the_window_is_refused_or_right(int windowBits)
    {
        var data = Noise(40_000);
        foreach (var room in (int[])[1, 100, 1 << windowBits, 100_000])
        {
            using var inflater = new Inflater(windowBits);
            Inflate(inflater, new BitWriter().Stored(data).ToArray(), room);
            var reference = new BitWriter().BeginFixed().Match(100, (1 << windowBits) + 50).Symbol(EndOfBlock).Stored([]).ToArray();

            try
            {
                Assert.Equal(data.AsSpan(data.Length - (1 << windowBits) - 50, 100), Inflate(inflater, reference, room).AsSpan());
            }
            catch (ProtocolViolationException violation)
            {
                Assert.Equal(CloseCode.InvalidPayloadData, violation.Code);
            }
        }
    }

    [Fact]
    public void Reset_forgets_everything()
    {
        using var inflater = new Inflater(15);
        Inflate(inflater, Hex.Bytes(DeflateWire.Hello + "00 00 ff ff"), 100);
        inflater.Reset();

        var violation = Assert.Throws<ProtocolViolationException>(() => Inflate(inflater, Hex.Bytes("f2 00 11 00 00 00 00 ff ff"), 100));
        Assert.Equal(CloseCode.InvalidPayloadData, violation.Code);
    }

    // What a broken message leaves behind must not come out of the next one, wherever it broke.
    [Theory]
    [InlineData("f2 48 cd")]
    [InlineData("00 05 00 fa ff 48")]
    [InlineData("06")]
    [InlineData("f3 48 cd c9 c9 07 00")]
    public void Reset_makes_a_state_new_whatever_it_was_doing(string hex)
    {
        using var inflater = new Inflater(15);
        try
        {
            Inflate(inflater, Hex.Bytes(hex), 100);
        }
        catch (ProtocolViolationException)
        {
            // As it should for some of them.
        }

        inflater.Reset();
        Assert.Equal("Hello"u8, Inflate(inflater, Hex.Bytes(DeflateWire.Hello), 100));
    }

    // A native flush into nothing was a crash of another server's: no room at all is no progress, and nothing else.
    [Fact]
    public void No_room_and_no_input_are_no_progress()
    {
        using var inflater = new Inflater(15);
        inflater.Decompress([], [], out var consumed, out var written);
        Assert.Equal((0, 0), (consumed, written));

        inflater.Decompress([], new byte[10], out consumed, out written);
        Assert.Equal((0, 0), (consumed, written));

        var input = Hex.Bytes(DeflateWire.Hello);
        inflater.Decompress(input, [], out consumed, out written);
        Assert.Equal(0, written);
        inflater.Decompress(input.AsSpan(consumed), new byte[10], out _, out written);
        Assert.Equal(5, written);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Output_of_any_size_yields_the_same(int room)
    {
        using var inflater = new Inflater(15);
        var compressed = DeflateWire.Bomb(5000, (byte)'x');
        Assert.Equal(Enumerable.Repeat((byte)'x', 5000), Inflate(inflater, compressed, room));
    }

    [Fact]
    public void Decompressing_allocates_nothing()
    {
        using var inflater = new Inflater(15);
        var (input, output) = ((byte[])[.. DeflateWire.Bomb(10_000), 0, 0, 0xFF, 0xFF], new byte[10_001]);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var round = 0; round < 100; round++)
                inflater.Decompress(input, output, out _, out _);
        }));
    }

    private static byte[] Inflate(Inflater inflater, ReadOnlySpan<byte> input, int room)
    {
        var (output, buffer) = (new List<byte>(), new byte[room]);
        while (true)
        {
            inflater.Decompress(input, buffer, out var consumed, out var written);
            output.AddRange(buffer.AsSpan(0, written));
            input = input[consumed..];
            if (written < room && (input.IsEmpty || consumed == 0))
                return [.. output];
        }
    }

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(length).NextBytes(noise);
        return noise;
    }
}
