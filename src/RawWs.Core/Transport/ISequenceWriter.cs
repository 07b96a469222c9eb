using System.Buffers;
using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>An output that can send bytes from where they lie.</summary>
internal interface ISequenceWriter
{
    /// <summary>How many bytes the system has taken so far. From any thread.</summary>
    long SentLength { get; }

    /// <summary>Flushes everything written, and <paramref name="borrowed"/> behind it, which must not change before the flush has completed.</summary>
    /// <returns>A flush like that of <see cref="PipeWriter"/>.</returns>
    ValueTask<FlushResult> FlushWithAsync(in ReadOnlySequence<byte> borrowed);
}
