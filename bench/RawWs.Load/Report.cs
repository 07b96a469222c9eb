using System.Globalization;

namespace RawWs.Load;

/// <summary>What a command prints.</summary>
internal static class Report
{
    public static void Table(params ReadOnlySpan<(string Name, string Value)> rows)
    {
        Console.WriteLine();
        foreach (var (name, value) in rows)
            Console.WriteLine($"  {name,-40} {value}");
    }

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F2} s");

    public static string PerSecond(long count, TimeSpan time) => Count((long)(count / Math.Max(0.001, time.TotalSeconds)));

    /// <summary>Prints what failed and what the server complained about.</summary>
    /// <returns>The exit code.</returns>
    public static int Verdict(IEnumerable<string> failures, TargetServer server)
    {
        foreach (var line in server.Warnings)
            Console.WriteLine($"  the server said: {line}");

        var all = failures.Concat(server.Errors.Select(line => $"The server said: {line}")).ToList();
        all.ForEach(failure => Console.WriteLine($"  FAILED: {failure}"));
        Console.WriteLine(all.Count == 0 ? "  passed" : "  failed");
        return all.Count == 0 ? 0 : 1;
    }
}
