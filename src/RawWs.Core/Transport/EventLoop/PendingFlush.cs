using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace RawWs.Transport;

/// <summary>A flush that waits for room. Made when a connection needs the first one, which most never do, and used again.</summary>
internal sealed class PendingFlush : IValueTaskSource<FlushResult>
{
    private ManualResetValueTaskSourceCore<FlushResult> _source;
    private ReadOnlySequence<byte> _borrowed;

    public PendingFlush(bool isInline) => _source.RunContinuationsAsynchronously = !isInline;

    /// <summary>What it sends from where it lies, as far as that has not been sent.</summary>
    public ref ReadOnlySequence<byte> Borrowed => ref _borrowed;

    /// <summary>What the value task of the flush that has begun is made with.</summary>
    public short Version => _source.Version;

    /// <summary>A flush begins.</summary>
    public void Reset() => _source.Reset();

    /// <param name="failure">Why it failed, null if it did not.</param>
    public void End(TransportClosedException? failure)
    {
        if (failure is null)
            _source.SetResult(default);
        else
            _source.SetException(failure);
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _source.OnCompleted(continuation, state, token, flags);
}
