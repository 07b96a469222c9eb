using System.Collections.Concurrent;

namespace RawWs.Load;

/// <summary>What went wrong: how often, and each in words only once.</summary>
internal sealed class Failures
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public long Count => _counts.Values.Sum(static count => (long)count);

    public IEnumerable<string> Lines => _counts.OrderByDescending(pair => pair.Value).Select(pair => pair.Value > 1 ? $"{Report.Count(pair.Value)} times: {pair.Key}" : pair.Key);

    public void Add(string what) => _counts.AddOrUpdate(what, 1, static (_, count) => count + 1);
}
