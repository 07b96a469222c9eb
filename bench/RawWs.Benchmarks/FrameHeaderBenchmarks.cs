using System.Buffers;
using BenchmarkDotNet.Attributes;
using RawWs.Protocol;

namespace RawWs.Benchmarks;

/// <summary>Reading the header of a whole message as nearly all are, beside the reader for every frame there is.</summary>
[MemoryDiagnoser]
public class FrameHeaderBenchmarks
{
    private readonly byte[] _short = [0x82, 0xC0, 0x37, 0xFA, 0x21, 0x3D, 0, 0];
    private readonly byte[] _long = [0x82, 0xFE, 0x04, 0x00, 0x37, 0xFA, 0x21, 0x3D];

    [Params(64, 1024)]
    public int PayloadLength { get; set; }

    private byte[] Header => PayloadLength < 126 ? _short : _long;

    [Benchmark]
    public int Plain() => PlainFrameHeader.TryRead(Header, out var header) ? header.PayloadLength : 0;

    [Benchmark(Baseline = true)]
    public long General()
    {
        var input = new ReadOnlySequence<byte>(Header);
        return FrameHeader.TryRead(ref input, new FrameRules(InFragmentedMessage: false), out var header) ? header.PayloadLength : 0;
    }
}
