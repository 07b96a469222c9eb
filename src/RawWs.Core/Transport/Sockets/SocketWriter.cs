using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace RawWs.Transport;

/// <summary>
/// Writes a socket directly: a flush sends on the caller's thread and completes there if the kernel takes everything, which it does unless
/// the peer reads more slowly than we write. Only then does the flush wait, and go on where the kernel reports room.
/// </summary>
internal sealed class SocketWriter(Socket socket) : PipeWriter, IValueTaskSource<FlushResult>, IDisposable
{
    private SegmentChain _chain = new();
    private WaitForRoom? _wait;
    private ManualResetValueTaskSourceCore<FlushResult> _source;
    private TransportClosedException? _failure;
    private bool _isCompleted;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _chain.Bytes.Length;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _chain.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => _chain.GetSpan(sizeHint);

    /// <inheritdoc/>
    public override void Advance(int bytes) => _chain.Fill(bytes);

    /// <summary>
    /// Sends everything written. A flush that has begun can't be taken back, for it may have sent half a frame: cancellation is looked at
    /// only before it begins.
    /// </summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);

        if (_failure is not null)
            return ValueTask.FromException<FlushResult>(_failure);

        if (TrySendAll())
            return _failure is null ? default : ValueTask.FromException<FlushResult>(_failure);

        _source.Reset();
        if (!TryBeginWait())
            return _failure is null ? default : ValueTask.FromException<FlushResult>(_failure);

        return new ValueTask<FlushResult>(this, _source.Version);
    }

    /// <summary>Not supported: half a frame can't be taken back. Abort the connection instead.</summary>
    public override void CancelPendingFlush() => throw new NotSupportedException("A flush that has begun can't be cancelled; abort the connection instead.");

    /// <summary>Ends our side of TCP, with what was flushed before it.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
            return;

        _isCompleted = true;
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The connection has ended already; the reader reports how.
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (!_isCompleted && _failure is null && !_chain.IsEmpty)
            await FlushAsync().ConfigureAwait(false);

        Complete(exception);
    }

    /// <summary>Gives back all memory. The socket is closed and nobody writes any more.</summary>
    public void Dispose()
    {
        _chain.Return();
        _wait?.Dispose();
    }

    /// <returns>Whether the flush is over, well or not; otherwise the kernel has no room.</returns>
    private bool TrySendAll()
    {
        try
        {
            while (!_chain.IsEmpty)
            {
                var sent = socket.Send(_chain.First.Span, SocketFlags.None, out var error);
                if (error == SocketError.WouldBlock)
                    return false;

                if (error != SocketError.Success)
                {
                    Fail(SocketFailure.From(error));
                    return true;
                }

                _chain.Consume(sent);
            }
        }
        catch (ObjectDisposedException)
        {
            Fail(SocketFailure.Aborted());
        }

        return true;
    }

    /// <summary>Hands what is left to the kernel's notification.</summary>
    /// <returns><see langword="false"/> if the flush is over without waiting, well or not.</returns>
    private bool TryBeginWait()
    {
        _wait ??= new WaitForRoom(this);

        try
        {
            while (!_chain.IsEmpty)
            {
                _wait.SetBuffer(_chain.First);
                if (socket.SendAsync(_wait))
                    return true;

                if (!TryTakeSent())
                    return false;
            }
        }
        catch (ObjectDisposedException)
        {
            Fail(SocketFailure.Aborted());
        }

        return false;
    }

    private bool TryTakeSent()
    {
        if (_wait!.SocketError != SocketError.Success)
        {
            Fail(SocketFailure.From(_wait.SocketError));
            return false;
        }

        _chain.Consume(_wait.BytesTransferred);
        return true;
    }

    private void OnSent()
    {
        if (TryTakeSent() && !TrySendAll() && TryBeginWait())
            return;

        if (_failure is null)
            _source.SetResult(default);
        else
            _source.SetException(_failure);
    }

    private void Fail(TransportClosedException failure)
    {
        _failure = failure;
        _chain.Return();
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _source.OnCompleted(continuation, state, token, flags);

    /// <summary>A send that the kernel takes up when it has room.</summary>
    private sealed class WaitForRoom(SocketWriter writer) : SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true)
    {
        protected override void OnCompleted(SocketAsyncEventArgs e) => writer.OnSent();
    }
}
