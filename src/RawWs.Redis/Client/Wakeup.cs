using System.Threading.Channels;

namespace RawWs.Redis.Client;

/// <summary>Wakes one loop, however often it is told to meanwhile.</summary>
internal sealed class Wakeup
{
    private readonly Channel<byte> _told = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>There is something to do.</summary>
    public void Set() => _told.Writer.TryWrite(0);

    /// <summary>Waits until there is something to do.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _told.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Waits until there is something to do, or a time has passed.</summary>
    public async ValueTask WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _told.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time has passed.
        }
    }
}
