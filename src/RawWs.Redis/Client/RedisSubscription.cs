namespace RawWs.Redis.Client;

/// <summary>One subscription of somebody's.</summary>
/// <remarks>The table's lock guards what changes.</remarks>
internal sealed class RedisSubscription(SubscriptionTable table, RedisChannel channel, RedisSubscriber subscriber) : IRedisSubscription
{
    private TaskCompletionSource _confirmed = NewConfirmed();

    public RedisChannel Channel => channel;

    public RedisSubscriber Subscriber => subscriber;

    /// <inheritdoc/>
    public bool IsConfirmed { get; private set; }

    /// <summary>Whether nobody wants to hear any more.</summary>
    public bool IsEnded { get; private set; }

    /// <inheritdoc/>
    public ValueTask WaitForConfirmationAsync(CancellationToken cancellationToken = default)
    {
        Task confirmed;
        lock (table.Gate)
        {
            ObjectDisposedException.ThrowIf(IsEnded, this);
            confirmed = _confirmed.Task;
        }

        return new(confirmed.WaitAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        table.Remove(this);
        return default;
    }

    public void Confirm_NeedsLock()
    {
        IsConfirmed = true;
        if (!_confirmed.TrySetResult())
            (_confirmed = NewConfirmed()).SetResult();
    }

    public void Refuse_NeedsLock(RedisErrorException error)
    {
        // Whoever waits from now on is told what was said last.
        if (!_confirmed.TrySetException(error))
            (_confirmed = NewConfirmed()).SetException(error);

        _ = _confirmed.Task.Exception; // Maybe nobody waits.
    }

    public void Interrupt_NeedsLock()
    {
        IsConfirmed = false;
        if (_confirmed.Task.IsCompleted)
            _confirmed = NewConfirmed();
    }

    public void End_NeedsLock()
    {
        (IsConfirmed, IsEnded) = (false, true);
        _confirmed.TrySetException(new ObjectDisposedException(nameof(IRedisSubscription)));
        _ = _confirmed.Task.Exception; // Maybe nobody waits.
    }

    private static TaskCompletionSource NewConfirmed() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
