using RawWs.Transport;

namespace RawWs.Http;

/// <summary>
/// Looks, while a response is waited for, whether its client goes away. Reads nothing ahead: when the client sends its next request instead, that is left where
/// it lies, and nobody looks any more.
/// </summary>
/// <param name="transport">The connection, read up to the end of the request.</param>
/// <param name="onGone">Called once, from any thread, if the client has ended its side of the connection or the whole of it.</param>
internal sealed class ClientWatch(TransportConnection transport, Action onGone)
{
    private Task? _watching;
    private volatile bool _isEnding;

    /// <summary>Begins to look, unless it has begun before. Called by whoever has the connection's reading to himself.</summary>
    public void Begin() => _watching ??= WatchAsync();

    /// <summary>Stops looking: from now on the connection may be read again.</summary>
    public async ValueTask EndAsync()
    {
        if (_watching is null or { IsCompleted: true })
            return;

        // If the watch ends by itself at this moment, the next read is cancelled instead; whoever reads a head or a body reads on.
        _isEnding = true;
        transport.Input.CancelPendingRead();
        await _watching.ConfigureAwait(false);
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                var result = await transport.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                var hasMore = !result.Buffer.IsEmpty;

                // Not examined: the next read finds it at once.
                transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.Start);
                if (hasMore || _isEnding)
                    return;

                if (result.IsCompleted)
                    break;
            }
        }
        catch (IOException)
        {
            // The connection is broken, which is what the watch is for; whoever uses it next is told.
        }

        onGone();
    }
}
