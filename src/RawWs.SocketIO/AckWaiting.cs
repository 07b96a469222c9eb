namespace RawWs.SocketIO;

/// <summary>Asks many at once, on one server or several, and waits for their answers.</summary>
internal static class AckWaiting
{
    /// <summary>Asks and waits.</summary>
    /// <param name="nsp">Whose clock is used.</param>
    /// <param name="timeout">For how long.</param>
    /// <param name="askAsync">Asks, and returns how many servers will be heard of. Its token is cancelled when nobody waits any more.</param>
    /// <exception cref="EventValueException">An answer is no <typeparamref name="T"/>.</exception>
    public static async Task<BroadcastAcks<T>> WaitAsync<T>(
        SocketIONamespace nsp, TimeSpan timeout, Func<IBroadcastAckReceiver, CancellationToken, Task<int>> askAsync)
    {
        var acks = new AckCollection();
        using var stopping = new CancellationTokenSource(timeout, nsp.Options.TimeProvider);
        try
        {
            // Whether others have been asked may not be known in time.
            acks.Expect(await askAsync(acks, stopping.Token).WaitAsync(stopping.Token).ConfigureAwait(false));
            await acks.Done.WaitAsync(stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The time is up: what has come is the result.
            nsp.Metrics.AcksTimedOut();
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
        }

        return acks.ToResult<T>();
    }
}
