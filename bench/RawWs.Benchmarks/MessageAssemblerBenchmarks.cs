using System.Buffers;
using BenchmarkDotNet.Attributes;
using RawWs.Protocol;
using RawWs.Testing;

namespace RawWs.Benchmarks;

/// <summary>From the bytes of a hundred frames to a hundred messages.</summary>
[MemoryDiagnoser]
public class MessageAssemblerBenchmarks
{
    private const int Count = 100;

    private readonly MessageAssembler _assembler = new(new MessageLimits(1 << 20, 1 << 20, 1 << 17));
    private byte[] _frames = [];

    [Params(16, 64, 1024)]
    public int PayloadLength { get; set; }

    [Params(0x81, 0x82)]
    public byte First { get; set; }

    // Unmasking in place masks again in the next round. With this key both forms are ASCII, so that both are valid text.
    [GlobalSetup]
    public void Setup()
    {
        var frame = WireFrame.Masked(First, new byte[PayloadLength]);
        frame.AsSpan(frame.Length - PayloadLength - 4, 4).Fill(0x01);
        frame.AsSpan(frame.Length - PayloadLength).Fill((byte)'x');
        _frames = [.. Enumerable.Repeat(frame, Count).SelectMany(each => each)];
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public long Receive()
    {
        var input = new ReadOnlySequence<byte>(_frames);
        var total = 0L;
        while (_assembler.TryReceive(ref input, out var received))
            total += received.Payload.Length;

        return total;
    }
}
