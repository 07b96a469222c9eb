using RawWs.Host;

namespace RawWs.Load;

/// <summary>What a run has measured.</summary>
/// <param name="Unit">What was counted, in the plural.</param>
/// <param name="Count">How many of them there were in the measured time.</param>
/// <param name="Elapsed">The measured time.</param>
/// <param name="ServerCpu">The server's CPU time in it.</param>
/// <param name="GeneratorShare">How much of it the generator had something to do, 0 to 1.</param>
/// <param name="Latencies">How long each took.</param>
/// <param name="Failures">What went wrong; empty if nothing did.</param>
internal sealed record LoadResult(
    string Unit, long Count, TimeSpan Elapsed, TimeSpan ServerCpu, double GeneratorShare, LatencyHistogram Latencies, IReadOnlyList<string> Failures)
{
    /// <summary>What each connection holds; null if that was not looked at.</summary>
    public ServerMemory? Held { get; init; }

    /// <summary>How long that took which went to another node of a cluster, and is not in <see cref="Latencies"/>; null if it was no cluster.</summary>
    public LatencyHistogram? RemoteLatencies { get; init; }

    /// <summary>The CPU time of what is between the nodes of a cluster, which is not in <see cref="ServerCpu"/>.</summary>
    public TimeSpan BrokerCpu { get; init; }

    public double PerSecond => Count / Elapsed.TotalSeconds;

    /// <summary>The figure that others' load on the machine hardly changes. 0 if the server used no time that could be measured.</summary>
    public double PerCpuSecond => ServerCpu > TimeSpan.Zero ? Count / ServerCpu.TotalSeconds : 0;
}
