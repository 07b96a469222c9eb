using System.Text;
using System.Text.Unicode;
using BenchmarkDotNet.Attributes;
using RawWs.Protocol;

namespace RawWs.Benchmarks;

/// <summary>Validation that keeps its place between pieces, beside the runtime's that needs the whole text, and beside a plain automaton.</summary>
[MemoryDiagnoser]
public class Utf8Benchmarks
{
    private byte[] _text = [];

    [Params("ASCII", "German", "Russian", "Emoji")]
    public string Language { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var sample = Language switch
        {
            "ASCII" => "The quick brown fox jumps over the lazy dog. ",
            "German" => "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ",
            "Russian" => "Съешь же ещё этих мягких французских булок, да выпей чаю. ",
            _ => "👩‍🚀🚀🌍🎉🦄🍕😀🏔️",
        };
        var text = new StringBuilder();
        while (text.Length < 4096)
            text.Append(sample);

        _text = Encoding.UTF8.GetBytes(text.ToString());
    }

    [Benchmark]
    public bool Validator() => new Utf8Validator().TryAppend(_text);

    [Benchmark]
    public bool Automaton() => new Utf8Validator().TryAppendScalar(_text);

    [Benchmark(Baseline = true)]
    public bool Runtime() => Utf8.IsValid(_text);
}
