namespace RawWs.Samples;

/// <summary>What is said passes here: a service of the application like any other.</summary>
internal sealed class Moderator
{
    private readonly string[] _words = ["darn", "drat"];

    public string Review(string text) => _words.Aggregate(text, (reviewed, word) => reviewed.Replace(word, "****", StringComparison.OrdinalIgnoreCase));
}
