using System.Buffers;
using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using RawWs.Compression;

namespace RawWs.Benchmarks;

/// <summary>permessage-deflate of one message of JSON without context takeover, beside a <see cref="DeflateStream"/> for each, at the same level.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class DeflateBenchmarks
{
    private const int FastestLevel = 1;

    // What RFC 7692 §7.2.1 takes off the end of a message.
    private static readonly byte[] Tail = [0x00, 0x00, 0xFF, 0xFF];

    private static readonly DeflateParameters Parameters = new(true, true, DeflateParameters.MaxWindowBits, DeflateParameters.MaxWindowBits);

    private readonly DeflateStates _states = new(FastestLevel, long.MaxValue, () => { });
    private byte[] _message = [];
    private byte[] _compressed = [];
    private byte[] _compressedWithTail = [];
    private byte[] _output = [];
    private MessageDeflater? _deflater;
    private MessageInflater? _inflater;

    [Params(1024, 16 * 1024)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _message = Samples.Json(Length);
        _output = new byte[Length + 1024];
        (_deflater, _inflater) = (new(_states, Parameters), new(_states, Parameters));

        var (rented, length) = _deflater.TryCompress(new ReadOnlySequence<byte>(_message))
            ?? throw new InvalidOperationException("The message does not become smaller.");
        _compressed = rented[..length];
        _compressedWithTail = [.. _compressed, .. Tail];
        ArrayPool<byte>.Shared.Return(rented);
    }

    [Benchmark, BenchmarkCategory("Compress")]
    public int Compress()
    {
        if (_deflater!.TryCompress(new ReadOnlySequence<byte>(_message)) is not { } compressed)
            return 0;

        ArrayPool<byte>.Shared.Return(compressed.Rented);
        return compressed.Length;
    }

    [Benchmark(Baseline = true), BenchmarkCategory("Compress")]
    public long CompressWithDeflateStream()
    {
        var output = new MemoryStream(_output);
        using (var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(_message);

        return output.Position;
    }

    [Benchmark, BenchmarkCategory("Decompress")]
    public int Decompress()
    {
        var input = new ReadOnlySequence<byte>(_compressed);
        _inflater!.Begin();
        _inflater.Decode(ref input, isLast: true, _output, out var written);
        return written;
    }

    [Benchmark(Baseline = true), BenchmarkCategory("Decompress")]
    public int DecompressWithDeflateStream()
    {
        using var inflate = new DeflateStream(new MemoryStream(_compressedWithTail), System.IO.Compression.CompressionMode.Decompress);
        inflate.ReadExactly(_output, 0, Length);
        return Length;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _deflater!.Dispose();
        _inflater!.Dispose();
        _states.Dispose();
    }
}
