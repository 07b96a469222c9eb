using System.Buffers;
using RawWs.Compression;
using RawWs.Protocol;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Compression;

/// <summary>What inflating takes. Alone: when others make garbage, the shared pool lets go of its arrays, and new ones are no fault of ours.</summary>
[Collection(AloneCollection.Name)]
public class InflatingMemoryTests
{
    // A message that is larger than memory: parts of one size, and nothing kept of them.
    [Fact]
    public void Streamed_message_of_any_size_takes_constant_memory()
    {
        const long Size = 256L << 20;
        using var states = DeflateWire.States();
        using var inflater = new MessageInflater(states, DeflateWire.Apart);
        using var assembler = new MessageAssembler(new MessageLimits(1000, Size, 10), inflater) { Streaming = true };
        var input = new ReadOnlySequence<byte>(ClientFrame.Bytes(0xC2, LargeBomb(Size)));
        var (total, largest) = (0L, 0L);
        var allocatedAtFirst = 0L;

        while (assembler.TryReceive(ref input, out var received))
        {
            total += received.Payload.Length;
            largest = Math.Max(largest, received.Payload.Length);
            if (allocatedAtFirst == 0)
                allocatedAtFirst = GC.GetAllocatedBytesForCurrentThread();

            if (received.EndOfMessage)
                break;
        }

        Assert.Equal(Size, total);
        Assert.InRange(largest, 1, 64 * 1024);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocatedAtFirst, 0, 100_000);
    }

    private static byte[] LargeBomb(long size)
    {
        using var output = new MemoryStream();
        using var stream = new System.IO.Compression.DeflateStream(output, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true);
        var chunk = new byte[1 << 20];
        for (var left = size; left > 0; left -= chunk.Length)
            stream.Write(chunk);

        stream.Flush();
        return output.ToArray()[..^4];
    }
}
