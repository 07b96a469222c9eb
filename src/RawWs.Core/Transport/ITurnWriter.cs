using System.Buffers;
using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>An output that belongs to a thread that works in turns, which at their end sends for many connections in a row.</summary>
internal interface ITurnWriter : ISequenceWriter
{
    /// <summary>Lets everything written, or <paramref name="borrowed"/> if nothing is, leave soon, in a row with what others send. Called at the end of a turn.</summary>
    /// <param name="borrowed">What lies elsewhere. It does not change until it has left.</param>
    /// <param name="flusher">Who is told how that ended. Until then nobody writes or flushes.</param>
    /// <returns>Whether that will be so; otherwise it is to be flushed now.</returns>
    bool TryFlushInARow(in ReadOnlySequence<byte> borrowed, IFlusher flusher);

    /// <summary>
    /// Lets bytes leave with the turn from where they were received, as if they had been written. Called in a turn, where the read that has brought them has ended.
    /// </summary>
    /// <param name="array">Where they lie.</param>
    /// <param name="offset">The first of them.</param>
    /// <param name="count">How many. They do not change before the turn ends.</param>
    /// <returns>Whether that will be so; not where something has been written, or where the bytes are not lent to the caller's input until the turn ends.</returns>
    bool TryBorrow(byte[] array, int offset, int count);

    /// <summary>Writes what is borrowed. Called in the same turn, or before that can end.</summary>
    void KeepBorrowed();

    /// <summary>Who is told how a flush ended.</summary>
    interface IFlusher
    {
        /// <summary>All has left. Called in the same turn.</summary>
        void OnFlushed();

        /// <summary>The flush took more than one call: it has ended, well or not, or has to wait. Called in the same turn.</summary>
        /// <param name="flush">The flush.</param>
        void OnFlushed(ValueTask<FlushResult> flush);
    }
}
