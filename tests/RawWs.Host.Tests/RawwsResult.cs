namespace RawWs.Host.Tests;

/// <summary>How the program ended, and what it had to say.</summary>
internal sealed record RawwsResult(int ExitCode, string Output, string Errors)
{
    /// <summary>It failed as programs should: a code, one line that explains, and nothing else.</summary>
    public void AssertFailed(int exitCode, string because)
    {
        Assert.Equal(exitCode, ExitCode);
        Assert.Contains(because, Errors, StringComparison.Ordinal);
        Assert.StartsWith("rawws: ", Errors, StringComparison.Ordinal);
        Assert.Single(Errors.TrimEnd().Split('\n'));
        Assert.Empty(Output);
    }
}
