using BenchmarkDotNet.Attributes;
using RawWs.Protocol;

namespace RawWs.Benchmarks;

/// <summary>Unmasking in vectors, beside the definition of RFC 6455 §5.3 byte by byte.</summary>
[MemoryDiagnoser]
public class MaskingBenchmarks
{
    private byte[] _payload = [];

    [Params(4, 64, 1024, 16 * 1024, 1024 * 1024)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup() => _payload = new byte[Length];

    [Benchmark]
    public uint Vectors() => Masking.Apply(_payload, 0x3D21FA37);

    [Benchmark(Baseline = true)]
    public uint ByteByByte() => Masking.ApplyScalar(_payload, 0x3D21FA37);
}
