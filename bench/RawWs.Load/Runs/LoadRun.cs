using System.Diagnostics;
using RawWs.Host;

namespace RawWs.Load;

/// <summary>What all runs have in common: connections, a warm-up, a measured time, and the rest that is still on its way.</summary>
internal abstract class LoadRun : ILoadWork, IDisposable
{
    private readonly string _unit;
    private long _count;

    protected LoadRun(string unit, LoadTarget target, int connections, FrameRing ring, LoadTiming timing, bool mayMiss = false)
    {
        (_unit, Timing, Ring) = (unit, timing, ring);
        Clients = new LoadClients(target, connections, ring, timing.Spins, mayMiss);
        Time = new MeasuredTime(Clients.Loop, target);
    }

    /// <summary>How many have been counted in the measured time so far. May be read from other threads.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>What each connection holds, after the end; null if that is not looked at.</summary>
    protected virtual ServerMemory? Held => null;

    /// <summary>What took the way to another node of a cluster, apart from <see cref="Latencies"/>; null if nothing can.</summary>
    protected virtual LatencyHistogram? RemoteLatencies => null;

    protected LoadClients Clients { get; }

    protected FrameRing Ring { get; }

    protected LoadTiming Timing { get; }

    protected MeasuredTime Time { get; }

    protected LatencyHistogram Latencies { get; } = new();

    protected Failures Failures { get; } = new();

    /// <summary>Runs to the end, on the caller's thread.</summary>
    public LoadResult Run(CancellationToken cancellationToken)
    {
        Prepare(cancellationToken);
        Measure(cancellationToken);
        Finish(cancellationToken);
        return new LoadResult(_unit, Count, Time.Elapsed, Time.ServerCpu, Time.GeneratorShare, Latencies, [.. Failures.Lines]) { Held = Held, BrokerCpu = Time.BrokerCpu, RemoteLatencies = RemoteLatencies };
    }

    /// <summary>Runs to the end, on a thread of its own.</summary>
    public Task<LoadResult> RunAsync(CancellationToken cancellationToken)
        => Task.Factory.StartNew(() => Run(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public virtual void OnOpened(LoadConnection connection) => Clients.OnOpened(connection);

    /// <inheritdoc/>
    public abstract void OnReplies(LoadConnection connection, int count);

    /// <inheritdoc/>
    public virtual void OnEnded(LoadConnection connection, string? failure) => Failures.Add(failure ?? "A connection has ended.");

    public void Dispose() => Clients.Dispose();

    /// <summary>Opens what is needed before the warm-up.</summary>
    protected virtual void Prepare(CancellationToken cancellationToken) => Clients.OpenAll(this, Failures, cancellationToken);

    /// <summary>The warm-up, and the measured time.</summary>
    protected virtual void Measure(CancellationToken cancellationToken)
    {
        Start();
        RunUntil(Stopwatch.GetTimestamp() + LoadClients.In(Timing.WarmUp), cancellationToken);
        Time.Begin();
        RunUntil(Time.Start + LoadClients.In(Timing.Duration), cancellationToken);
        Time.Finish();
    }

    /// <summary>Begins the load.</summary>
    protected abstract void Start();

    /// <summary>Goes on until <paramref name="end"/>.</summary>
    protected virtual void RunUntil(long end, CancellationToken cancellationToken)
        => Clients.RunUntil(end, () => Failures.Count > 0, cancellationToken);

    /// <summary>Waits for what is still on its way, as long as that may take.</summary>
    /// <returns>Whether it has come.</returns>
    protected bool WaitForRest(Func<bool> hasCome, CancellationToken cancellationToken)
        => Clients.RunUntil(Stopwatch.GetTimestamp() + LoadClients.In(Timing.RestTimeout), () => hasCome() || Failures.Count > 0, cancellationToken);

    /// <summary>Waits for what is still on its way.</summary>
    protected abstract void Finish(CancellationToken cancellationToken);

    protected void AddToCount(long count) => Volatile.Write(ref _count, _count + count);

    /// <summary>Counts something that has taken from <paramref name="since"/> until now.</summary>
    protected void Record(long since) => Record(since, Latencies);

    /// <inheritdoc cref="Record(long)"/>
    protected void Record(long since, LatencyHistogram latencies) => latencies.Record(NanosecondsOf(Clients.Loop.Now - since));

    private static long NanosecondsOf(long ticks) => (long)(ticks * (1e9 / Stopwatch.Frequency));
}
