using System.Text.Unicode;
using BenchmarkDotNet.Attributes;
using RawWs.Protocol;

namespace RawWs.Benchmarks;

/// <summary>
/// Unmasking and validating text in one pass, beside one pass after the other with the runtime's validation. The key is 0, so that the text is the same in
/// each round; nothing knows that.
/// </summary>
[MemoryDiagnoser]
public class TextUnmaskingBenchmarks
{
    private byte[] _text = [];

    [Params("ASCII", "German", "Russian", "Chinese", "Emoji")]
    public string Language { get; set; } = "";

    [Params(64, 1024, 16 * 1024)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup() => _text = Samples.Text(Language, Length);

    [Benchmark]
    public bool OnePass()
    {
        var key = 0u;
        return new Utf8Validator().TryUnmask(_text, ref key);
    }

    [Benchmark(Baseline = true)]
    public bool TwoPasses()
    {
        Masking.Apply(_text, 0);
        return Utf8.IsValid(_text);
    }
}
