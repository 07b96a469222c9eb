namespace RawWs.Host.Tests;

/// <summary>Which signals can be sent to programs that tests start.</summary>
internal static class Signals
{
    /// <summary>A signal that is ignored where these tests were started is ignored by all that they start.</summary>
    public static void SkipIfIgnored(string signal)
    {
        const string StatusFile = "/proc/self/status", Field = "SigIgn:";
        const ulong InterruptBit = 1 << 1;

        if (signal != "INT" || !File.Exists(StatusFile))
            return;

        var mask = File.ReadLines(StatusFile).First(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..].Trim();
        Assert.SkipWhen((Convert.ToUInt64(mask, 16) & InterruptBit) != 0, "These tests were started with Ctrl+C ignored.");
    }
}
