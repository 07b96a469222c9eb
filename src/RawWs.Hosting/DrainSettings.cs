namespace RawWs.Hosting;

/// <summary>How the server stops: what configuration and code may both set, around a value that can't change.</summary>
internal sealed class DrainSettings
{
    public DrainOptions Options { get; set; } = new();

    /// <summary>Why the server could not stop in this way, null if it could: to be known before the stop.</summary>
    public static string? WhyImpossible(DrainOptions options)
        => options.Timeout != Timeout.InfiniteTimeSpan && options.Window > options.Timeout ? $"The window of {options.Window} is longer than the timeout of {options.Timeout}." : null;
}
