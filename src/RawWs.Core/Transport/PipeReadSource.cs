using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace RawWs.Transport;

/// <summary>Reads from a pipe of any kind, and with a token.</summary>
internal sealed class PipeReadSource(PipeReader reader) : IReadSource
{
    private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter _read;
    private IReadWaiter? _waiter;
    private Action? _onEnded;

    /// <summary>Ends the waiting of the reads that begin from now on, with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Token { get; set; }

    /// <inheritdoc/>
    public bool TryRead(IReadWaiter waiter, out ReadResult result)
        => TryEnd(reader.ReadAsync(Token), waiter, out result);

    /// <inheritdoc/>
    public ReadResult EndRead()
    {
        var read = _read;
        _read = default;
        return read.GetResult();
    }

    private bool TryEnd(ValueTask<ReadResult> begun, IReadWaiter waiter, out ReadResult result)
    {
        var read = begun.ConfigureAwait(false).GetAwaiter();
        if (read.IsCompleted)
        {
            result = read.GetResult();
            return true;
        }

        result = default;
        (_read, _waiter) = (read, waiter);
        read.UnsafeOnCompleted(_onEnded ??= OnEnded);
        return false;
    }

    private void OnEnded()
    {
        var waiter = _waiter!; // There is one while a read is pending.
        _waiter = null;
        waiter.OnReadEnded();
    }
}
