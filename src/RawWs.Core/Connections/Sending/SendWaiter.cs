namespace RawWs.Connections;

/// <summary>A sender that waits until those before it have been served. Completed with whether it may still send.</summary>
internal sealed class SendWaiter() : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>Waits for the turn.</summary>
    /// <returns>Whether it came: <see langword="false"/> if the connection closed first.</returns>
    /// <exception cref="OperationCanceledException">The caller no longer wants to send.</exception>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(static (waiter, token) => ((SendWaiter)waiter!).TrySetCanceled(token), this))
        {
            return await Task.ConfigureAwait(false);
        }
    }
}
