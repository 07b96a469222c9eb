using System.Diagnostics;

namespace RawWs.Fuzz;

/// <summary>Makes the input of a finding smaller, as long as it still breaks the same invariant.</summary>
internal static class Minimizer
{
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(20);

    public static byte[] Minimize(Finding finding)
    {
        var started = Stopwatch.GetTimestamp();
        var smallest = finding.Input;

        for (var size = Math.Max(1, smallest.Length / 2); size >= 1; size /= 2)
        {
            for (var start = 0; start < smallest.Length;)
            {
                if (Stopwatch.GetElapsedTime(started) > LongestTime)
                    return smallest;

                byte[] candidate = [.. smallest[..start], .. smallest[Math.Min(start + size, smallest.Length)..]];
                if (Breaks(finding, candidate))
                    smallest = candidate;
                else
                    start += size;
            }
        }

        return smallest;
    }

    private static bool Breaks(Finding finding, byte[] candidate)
        => new TargetFuzzer(finding.Target, 0, []).Execute("", candidate, out _)?.Kind == finding.Kind;
}
