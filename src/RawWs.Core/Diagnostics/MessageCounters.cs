using System.Runtime.CompilerServices;
using RawWs.Protocol;

namespace RawWs.Diagnostics;

/// <summary>
/// Counts what passes through the connections of a server, whether or not anybody asks: each thread adds to numbers of its own, without a lock or an interlocked
/// operation, and whoever asks has them added up.
/// </summary>
/// <remarks>
/// Thread-safe. A sum never goes back: what a thread has counted that has ended is kept. About 1 KiB is held for each thread that has counted, until, after it has
/// ended, another counts for the first time.
/// </remarks>
internal sealed class MessageCounters : IDisposable
{
    // What this thread counts: first for the server that it has counted for last, and behind it for others.
    [ThreadStatic]
    private static Cell? _cellsOfThread;

    private readonly Lock _gate = new();
    private readonly List<Cell> _cells = [];
    private MessageCounts _ended;
    private volatile bool _isDisposed;

    /// <summary>Counts messages that are to be sent, for each of their recipients.</summary>
    public void Published(int count) => MessageCounts.Count(ref Mine.Published, count);

    /// <summary>Counts messages that were published and will not be sent.</summary>
    public void Dropped(DropReason reason, int count) => MessageCounts.Count(ref Mine.Dropped[(int)reason], count);

    /// <summary>Counts what has arrived.</summary>
    /// <param name="opcode">The opcode of the frames, and of the messages' type.</param>
    /// <param name="frames">How many frames.</param>
    /// <param name="payloadBytes">What they carry.</param>
    /// <param name="messages">How many messages are whole by now.</param>
    public void Received(Opcode opcode, int frames, long payloadBytes, int messages) => Count(ref Mine.Received[(int)opcode], frames, payloadBytes, messages);

    /// <summary>Counts what the network has taken.</summary>
    /// <param name="opcode">The opcode of the frames, and of the messages' type.</param>
    /// <param name="frames">How many frames.</param>
    /// <param name="payloadBytes">What they carry.</param>
    /// <param name="messages">How many messages are whole by now.</param>
    /// <param name="published">How many messages are counted as published with it.</param>
    public void Sent(Opcode opcode, int frames, long payloadBytes, int messages, int published = 0)
    {
        ref var mine = ref Mine;
        MessageCounts.Count(ref mine.Published, published);
        Count(ref mine.Sent[(int)opcode], frames, payloadBytes, messages);
    }

    /// <summary>What all threads have counted so far.</summary>
    public MessageCounts Sum()
    {
        lock (_gate)
        {
            var sum = _ended;
            foreach (var cell in _cells)
                sum.Add(cell.Counts);

            return sum;
        }
    }

    /// <summary>Lets threads forget this server. What is counted from here on is lost.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            TakeOverEnded_NeedsLock();
        }
    }

    /// <summary>What this thread has counted. Not to be kept: it belongs to this thread.</summary>
    /// <remarks>Not inlined, it costs half as much again in <c>MessageCountingBenchmarks</c>: it is asked for at each message.</remarks>
    private ref MessageCounts Mine
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var cell = _cellsOfThread;
            if (cell is null || cell.Owner != this)
                cell = FindOrAddCell();

            return ref cell.Counts;
        }
    }

    private static void Count(ref MessageCounts.OfOpcode counts, int frames, long payloadBytes, int messages)
    {
        MessageCounts.Count(ref counts.Frames, frames);
        MessageCounts.Count(ref counts.PayloadBytes, payloadBytes);
        MessageCounts.Count(ref counts.Messages, messages);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Cell FindOrAddCell()
    {
        // It is not the first, or nobody would look for it.
        for (var before = _cellsOfThread; before?.Next is { } cell; before = cell)
        {
            if (cell.Owner != this)
                continue;

            (before.Next, cell.Next) = (cell.Next, _cellsOfThread);
            return _cellsOfThread = cell;
        }

        return _cellsOfThread = AddCell(behind: WithoutDisposed(_cellsOfThread));
    }

    private Cell AddCell(Cell? behind)
    {
        var cell = new Cell(this, Thread.CurrentThread) { Next = behind };
        lock (_gate)
        {
            // Here, so that there are never more cells than there have been threads at once.
            TakeOverEnded_NeedsLock();
            if (!_isDisposed)
                _cells.Add(cell);
        }

        return cell;
    }

    private static Cell? WithoutDisposed(Cell? first)
    {
        Cell? kept = null;
        for (var cell = first; cell is not null;)
        {
            var next = cell.Next;
            if (!cell.Owner._isDisposed)
                (cell.Next, kept) = (kept, cell);

            cell = next;
        }

        return kept;
    }

    // A thread that has ended writes no more, and all that it has written can be seen.
    private void TakeOverEnded_NeedsLock() => _cells.RemoveAll(cell =>
    {
        if (cell.Thread.IsAlive && !_isDisposed)
            return false;

        _ended.Add(cell.Counts);
        return true;
    });

    /// <summary>What one thread counts for one server.</summary>
    private sealed class Cell(MessageCounters owner, Thread thread)
    {
        public MessageCounts Counts;

        public MessageCounters Owner => owner;

        public Thread Thread => thread;

        /// <summary>What the thread counts for another server.</summary>
        public Cell? Next { get; set; }
    }
}
