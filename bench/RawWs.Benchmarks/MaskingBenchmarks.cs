using BenchmarkDotNet.Attributes;
using RawWs.Protocol;

namespace RawWs.Benchmarks;

/// <summary>
/// Unmasking in vectors, beside the definition of RFC 6455 §5.3 byte by byte. Several payloads lie one behind the other, as in a receive buffer, so that none is
/// waited for because it has just been written; the figures are for one.
/// </summary>
[MemoryDiagnoser]
public class MaskingBenchmarks
{
    private const int Count = 16, HeaderLength = 6;

    private byte[] _received = [];

    [Params(4, 16, 64, 125, 1024, 16 * 1024, 1024 * 1024)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup() => _received = new byte[Count * (HeaderLength + Length)];

    [Benchmark(OperationsPerInvoke = Count)]
    public void Vectors()
    {
        for (var start = HeaderLength; start < _received.Length; start += HeaderLength + Length)
            Masking.Apply(_received.AsSpan(start, Length), 0x3D21FA37);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public void ByteByByte()
    {
        for (var start = HeaderLength; start < _received.Length; start += HeaderLength + Length)
            Masking.ApplyScalar(_received.AsSpan(start, Length), 0x3D21FA37);
    }
}
