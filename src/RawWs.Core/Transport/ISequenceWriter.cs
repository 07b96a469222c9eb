using System.Buffers;
using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>An output that can send bytes from where they lie.</summary>
internal interface ISequenceWriter
{
    /// <summary>Flushes everything written, and <paramref name="borrowed"/> behind it, which must not change before the flush has completed.</summary>
    ValueTask<FlushResult> FlushWithAsync(in ReadOnlySequence<byte> borrowed);
}
