namespace RawWs.Load;

/// <summary>How long a run takes.</summary>
/// <param name="WarmUp">Before anything is measured.</param>
/// <param name="Duration">What is measured.</param>
/// <param name="Spins">Whether the generator asks the system without end instead of sleeping.</param>
internal sealed record LoadTiming(TimeSpan WarmUp, TimeSpan Duration, bool Spins)
{
    /// <summary>How long what was sent in time may still take to come back.</summary>
    public TimeSpan RestTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
