using System.Text.Unicode;
using BenchmarkDotNet.Attributes;
using RawWs.Protocol;

namespace RawWs.Benchmarks;

/// <summary>Validation that keeps its place between pieces, beside the runtime's that needs the whole text, and beside a plain automaton.</summary>
[MemoryDiagnoser]
public class Utf8Benchmarks
{
    private byte[] _text = [];

    [Params("ASCII", "German", "Russian", "Chinese", "Emoji")]
    public string Language { get; set; } = "";

    [Params(64, 4096)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup() => _text = Samples.Text(Language, Length);

    [Benchmark]
    public bool Validator() => new Utf8Validator().TryAppend(_text);

    [Benchmark]
    public bool Automaton() => new Utf8Validator().TryAppendScalar(_text);

    [Benchmark(Baseline = true)]
    public bool Runtime() => Utf8.IsValid(_text);
}
