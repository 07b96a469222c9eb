using System.Buffers;
using System.Runtime.InteropServices;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class PayloadBufferTests
{
    [Fact]
    public void New_buffer_is_empty() => Assert.True(new PayloadBuffer().Bytes.IsEmpty);

    [Fact]
    public void Pieces_stand_one_behind_the_other()
    {
        var buffer = new PayloadBuffer();
        buffer.Append(new ReadOnlySequence<byte>("He"u8.ToArray()));
        buffer.Append(ReadOnlySequence<byte>.Empty);
        buffer.Append(Sequences.Join("l"u8.ToArray(), [], "lo"u8.ToArray()));

        Assert.Equal("Hello"u8, buffer.Bytes.ToArray());
        buffer.Return();
    }

    [Fact]
    public void Growing_keeps_what_is_there()
    {
        var buffer = new PayloadBuffer();
        byte[] expected = [.. Enumerable.Range(0, 100_000).Select(index => (byte)(index % 251))];

        for (var start = 0; start < expected.Length; start += 1000)
            buffer.Append(new ReadOnlySequence<byte>(expected, start, 1000));

        Assert.Equal(expected, buffer.Bytes.ToArray());
        buffer.Return();
    }

    // No peer chooses the allocation by what it announces, nor multiplies it by the number of pieces.
    [Fact]
    public void Memory_follows_the_bytes_received()
    {
        var buffer = new PayloadBuffer();
        var piece = new ReadOnlySequence<byte>([0x2A]);

        for (var length = 1; length <= 20_000; length++)
        {
            buffer.Append(piece);
            Assert.InRange(Capacity(buffer), length, Math.Max(256, 2 * length));
        }

        buffer.Return();
    }

    [Fact]
    public void Growing_byte_by_byte_rents_a_new_array_only_when_the_length_has_doubled()
    {
        var buffer = new PayloadBuffer();
        var piece = new ReadOnlySequence<byte>([0x2A]);
        var capacities = new HashSet<int>();

        for (var length = 1; length <= 1 << 16; length++)
        {
            buffer.Append(piece);
            capacities.Add(Capacity(buffer));
        }

        Assert.InRange(capacities.Count, 1, 9);
        buffer.Return();
    }

    [Fact]
    public void Returning_empties_and_the_buffer_can_be_filled_again()
    {
        var buffer = new PayloadBuffer();
        buffer.Append(new ReadOnlySequence<byte>(new byte[1000]));
        buffer.Return();

        Assert.True(buffer.Bytes.IsEmpty);
        Assert.Equal(0, Capacity(buffer));

        buffer.Append(new ReadOnlySequence<byte>("Hello"u8.ToArray()));
        Assert.Equal("Hello"u8, buffer.Bytes.ToArray());
        buffer.Return();
    }

    // An array that is returned twice would be rented to two connections: the next two rentals of its size show it.
    [Fact]
    public void Returning_twice_gives_the_array_back_once()
    {
        const int Size = 3000;
        var buffer = new PayloadBuffer();
        buffer.Append(new ReadOnlySequence<byte>(new byte[Size]));
        buffer.Return();
        buffer.Return();

        var (first, second) = (ArrayPool<byte>.Shared.Rent(Size), ArrayPool<byte>.Shared.Rent(Size));
        Assert.NotSame(first, second);
        ArrayPool<byte>.Shared.Return(first);
        ArrayPool<byte>.Shared.Return(second);
    }

    [Fact]
    public void Outgrown_array_goes_back_to_the_pool()
    {
        var buffer = new PayloadBuffer();
        buffer.Append(new ReadOnlySequence<byte>(new byte[5000]));
        Assert.True(SequenceMarshal.TryGetArray(buffer.Bytes, out var outgrown));
        buffer.Append(new ReadOnlySequence<byte>(new byte[5000]));

        // The pool keeps the last array of a size for the thread that returned it.
        var rented = ArrayPool<byte>.Shared.Rent(5000);
        Assert.Same(outgrown.Array, rented);
        ArrayPool<byte>.Shared.Return(rented);
        buffer.Return();
    }

    private static int Capacity(PayloadBuffer buffer)
        => SequenceMarshal.TryGetArray(buffer.Bytes, out var array) ? array.Array!.Length : 0;
}
