using System.Diagnostics;

namespace RawWs.Load;

/// <summary>A loop and the connections that it opens: some hundred at once, so that no server's backlog overflows.</summary>
/// <param name="target">Where they go.</param>
/// <param name="count">How many.</param>
/// <param name="ring">What they send.</param>
/// <param name="spins">Whether the loop asks the system without end instead of sleeping.</param>
/// <param name="mayMiss">Whether messages that are left out are counted, instead of failing a connection.</param>
internal sealed class LoadClients(LoadTarget target, int count, FrameRing ring, bool spins, bool mayMiss = false) : IDisposable
{
    private const int MaxOpeningCount = 128;
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(15);

    private readonly List<LoadConnection> _open = [];
    private int _begunCount;

    public LoadLoop Loop { get; } = new(spins);

    /// <summary>Those whose opening handshake is done, in the order in which that happened.</summary>
    public IReadOnlyList<LoadConnection> Open => _open;

    public int Count => count;

    /// <summary>To be told by whoever is told first.</summary>
    public void OnOpened(LoadConnection connection) => _open.Add(connection);

    /// <summary>Opens all.</summary>
    /// <exception cref="IOException">One could not.</exception>
    public void OpenAll(ILoadWork work, Failures failures, CancellationToken cancellationToken)
    {
        var deadline = Stopwatch.GetTimestamp() + In(OpenTimeout);
        for (var seen = 0; _open.Count < count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var batch = 0; batch < 16 && _begunCount < count && _begunCount - _open.Count < MaxOpeningCount; batch++)
                Begin(_begunCount++, work);

            Loop.Turn(Loop.Now + In(TimeSpan.FromMilliseconds(_begunCount < count ? 0 : 10)));
            if (failures.Count > 0)
                throw new IOException($"{Report.Count(_open.Count)} of {Report.Count(count)} connections opened. {failures.Lines.First()}");

            if (_open.Count != seen)
                (seen, deadline) = (_open.Count, Loop.Now + In(OpenTimeout));
            else if (Loop.Now > deadline)
                throw new IOException($"{Report.Count(_open.Count)} of {Report.Count(count)} connections opened, then none for {OpenTimeout.TotalSeconds} s.");
        }
    }

    /// <summary>Begins another connection in the place of one that has ended, or in a new place.</summary>
    public void Begin(int index, ILoadWork work) => LoadConnection.Begin(index, Loop, work, target, ring, mayMiss);

    /// <summary>Lets the loop turn for a while.</summary>
    public void RunFor(TimeSpan time, CancellationToken cancellationToken) => RunUntil(Stopwatch.GetTimestamp() + In(time), static () => false, cancellationToken);

    /// <summary>Lets the loop turn until a moment, or until <paramref name="isDone"/>.</summary>
    /// <returns>Whether it is done.</returns>
    public bool RunUntil(long end, Func<bool> isDone, CancellationToken cancellationToken)
    {
        while (!isDone() && Loop.LookAtClock() < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Loop.Turn(end);
        }

        return isDone();
    }

    /// <summary>A duration in the ticks of the loop's clock.</summary>
    public static long In(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    public void Dispose() => Loop.Dispose();
}
