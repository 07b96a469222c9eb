namespace RawWs.Host;

/// <summary>What the process tells its caller when it ends.</summary>
internal static class ExitCode
{
    /// <summary>It ran, and was asked to stop.</summary>
    public const int Success = 0;

    /// <summary>It could not do what it was asked to, for example because the port is taken.</summary>
    public const int Failure = 1;

    /// <summary>What it was asked to do makes no sense.</summary>
    public const int WrongUsage = 2;

    /// <summary>It was told to stop before it had done what it was asked to: what shells make of Ctrl+C, 128 and the number of SIGINT.</summary>
    public const int Interrupted = 130;
}
