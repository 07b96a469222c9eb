using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace RawWs.Transport;

/// <summary>Reads from a pipe of any kind.</summary>
internal sealed class PipeReadSource(PipeReader reader) : IReadSource
{
    private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter _read;
    private IReadWaiter? _waiter;
    private Action? _onEnded;

    /// <summary>The shortest way to read from <paramref name="reader"/>.</summary>
    public static IReadSource Of(PipeReader reader) => reader as IReadSource ?? new PipeReadSource(reader);

    /// <inheritdoc/>
    public bool TryRead(IReadWaiter waiter, CancellationToken cancellationToken, out ReadResult result)
        => TryEnd(reader.ReadAsync(cancellationToken), waiter, out result);

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
