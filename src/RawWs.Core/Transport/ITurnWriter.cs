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
