using System.Globalization;

namespace RawWs.Load;

/// <summary>What the garbage collector of a server has done since the server began, as far as its metrics tell.</summary>
/// <param name="Count">How many collections there were.</param>
/// <param name="Pauses">How long the server has stood still for them.</param>
internal readonly record struct GarbageCollections(long Count, TimeSpan Pauses)
{
    private const string CountName = "dotnet_gc_collections_total", PausesName = "dotnet_gc_pause_time_seconds_total";

    /// <summary>Asks the server.</summary>
    /// <returns>Null if it does not tell.</returns>
    public static async Task<GarbageCollections?> OfAsync(LoadTarget target, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            return Read(await http.GetStringAsync(new Uri($"http://{target.EndPoint}/metrics"), cancellationToken));
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Others have no such page.
            return null;
        }
    }

    /// <summary>Reads the text format of Prometheus.</summary>
    /// <returns>Null if it tells nothing of a garbage collector.</returns>
    public static GarbageCollections? Read(string metrics)
    {
        var (count, seconds, isTold) = (0L, 0.0, false);
        foreach (var line in metrics.Split('\n'))
        {
            // The collections of each generation are a series of their own, and each is counted in one.
            if (line.StartsWith(CountName, StringComparison.Ordinal))
                count += (long)ValueOf(line);
            else if (line.StartsWith(PausesName, StringComparison.Ordinal))
                (seconds, isTold) = (ValueOf(line), true);
        }

        return isTold ? new GarbageCollections(count, TimeSpan.FromSeconds(seconds)) : null;
    }

    /// <summary>What has happened since <paramref name="earlier"/>, as a line of a report.</summary>
    public string Since(GarbageCollections earlier)
        => string.Create(CultureInfo.InvariantCulture, $"{Count - earlier.Count:N0} collections, {(Pauses - earlier.Pauses).TotalMilliseconds:N1} ms of pauses, warm-up included");

    private static double ValueOf(string line) => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1).TrimEnd(), CultureInfo.InvariantCulture);
}
