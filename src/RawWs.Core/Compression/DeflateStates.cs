using System.Collections.Concurrent;

namespace RawWs.Compression;

/// <summary>
/// The compression states of a server: those that wait to be used again, by their window size, and the limit on how much memory all together may take.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="level">How hard is compressed.</param>
/// <param name="maxMemory">Bytes that all states may take.</param>
/// <param name="ratioAlarm">Is told of messages that inflate to far more than they were.</param>
/// <param name="inflated">Is told of each message that has been inflated: its length before, and after.</param>
internal sealed class DeflateStates(int level, long maxMemory, Action ratioAlarm, Action<long, long>? inflated = null) : IDisposable
{
    /// <summary>How many of a kind are kept: as many as there can be at work at once, and some.</summary>
    private static readonly int MaxKept = 4 * Environment.ProcessorCount;

    private readonly ConcurrentBag<Deflater>[] _deflaters = MakeBags<Deflater>();
    private readonly ConcurrentBag<Inflater>[] _inflaters = MakeBags<Inflater>();
    private bool _isDisposed;

    /// <summary>Notes that a message inflated to far more than it was.</summary>
    public void RaiseRatioAlarm() => ratioAlarm();

    /// <summary>Notes that a message has been inflated.</summary>
    public void NoteInflated(long compressedLength, long length) => inflated?.Invoke(compressedLength, length);

    /// <summary>Whether there is memory for states that cost so much more.</summary>
    public bool HasRoomFor(long cost) => DeflateBudget.Taken + cost <= maxMemory;

    /// <returns>A state without a past; null if the memory is used up.</returns>
    public Deflater? RentDeflater(int windowBits)
        => _deflaters[windowBits].TryTake(out var kept) ? kept : HasRoomFor(Deflater.CostOf(windowBits)) ? new Deflater(level, windowBits) : null;

    /// <inheritdoc cref="RentDeflater"/>
    public Inflater? RentInflater(int windowBits)
        => _inflaters[windowBits].TryTake(out var kept) ? kept : HasRoomFor(Inflater.CostOf(windowBits)) ? new Inflater(windowBits) : null;

    /// <summary>Takes back a state that has ended its last message with a flush that forgets.</summary>
    public void Return(Deflater deflater) => Keep(_deflaters[deflater.WindowBits], deflater);

    /// <summary>Takes back a state, whatever it was doing.</summary>
    public void Return(Inflater inflater)
    {
        inflater.Reset();
        Keep(_inflaters[inflater.WindowBits], inflater);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        Empty(_deflaters);
        Empty(_inflaters);
    }

    private void Keep<T>(ConcurrentBag<T> bag, T state)
        where T : ZlibState
    {
        if (bag.Count >= MaxKept || Volatile.Read(ref _isDisposed))
            state.Dispose();
        else
            bag.Add(state);
    }

    private static void Empty<T>(ConcurrentBag<T>[] bags)
        where T : ZlibState
    {
        foreach (var bag in bags)
        {
            while (bag.TryTake(out var state))
                state.Dispose();
        }
    }

    private static ConcurrentBag<T>[] MakeBags<T>() => [.. Enumerable.Range(0, 16).Select(_ => new ConcurrentBag<T>())];
}
