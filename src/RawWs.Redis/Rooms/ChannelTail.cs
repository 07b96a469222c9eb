namespace RawWs.Redis.Rooms;

/// <summary>Hears a channel. What was published while there was no confirmed subscription is lost.</summary>
internal sealed class ChannelTail(Inbox inbox) : RedisSubscriber
{
    private bool _wasInterrupted;

    /// <inheritdoc/>
    public override void OnConfirmed()
    {
        // Only now does what comes next lie behind the gap.
        if (_wasInterrupted)
            inbox.ReportLoss();

        _wasInterrupted = false;
    }

    /// <inheritdoc/>
    public override void OnInterrupted() => _wasInterrupted = true;

    /// <inheritdoc/>
    public override void OnMessage(RedisMessage message) => inbox.Take(message.Payload.Span);
}
