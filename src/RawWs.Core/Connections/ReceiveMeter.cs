using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs.Connections;

/// <summary>What one peer has sent of what it may send per second. Made when there is something to count: most connections have none.</summary>
/// <remarks>
/// <para>
/// The peer is judged by when its bytes may have arrived. While nobody listened, because a handler took its time, they piled up somewhere: for that time
/// the buckets are filled over the brim, until a read has had to wait, which says that nothing is left of the pile.
/// </para>
/// <para>
/// The wheel's clock is behind the real one, so at worst something is counted as earlier than it was; only before somebody is refused is the real one read.
/// </para>
/// <para>Not thread-safe: it belongs to whoever reads the connection.</para>
/// </remarks>
internal sealed class ReceiveMeter(ConnectionSettings settings, DeadlineWheel wheel)
{
    private TokenBucket _messages;
    private TokenBucket _bytes;
    private TokenBucket _controlFrames;
    private long _filledAt = wheel.Now;

    /// <summary>How many bytes of what the next read returns have been counted.</summary>
    public long KnownLength { get; set; }

    /// <summary>How many bytes the last read has brought that nobody has counted.</summary>
    public long FreshLength { get; set; }

    /// <summary>Somebody has listened up to <paramref name="now"/>.</summary>
    public void OnListened(long now)
    {
        var elapsed = Elapse(now);
        Fill(elapsed, isHeard: true);

        if (elapsed > DeadlineWheel.Tick.Ticks)
        {
            _messages.Level();
            _bytes.Level();
            _controlFrames.Level();
        }
    }

    /// <summary>Nobody has listened up to <paramref name="now"/>.</summary>
    public void OnUnheard(long now) => Fill(Elapse(now), isHeard: false);

    /// <exception cref="ProtocolViolationException">There are too many.</exception>
    public void CountMessage() => Take(ref _messages, settings.MaxMessageRate, 1, RefusalReason.MessageRate, "too many messages per second");

    /// <exception cref="ProtocolViolationException">There are too many.</exception>
    public void CountFreshBytes()
    {
        var count = FreshLength;
        FreshLength = 0;
        Take(ref _bytes, settings.MaxByteRate, count, RefusalReason.ByteRate, "too many bytes per second");
    }

    /// <summary>Counts pings, pongs and empty frames.</summary>
    /// <exception cref="ProtocolViolationException">There are too many.</exception>
    public void CountControlFrames(long count)
        => Take(ref _controlFrames, settings.MaxControlFrameRate, count, RefusalReason.ControlRate, "too many control frames or empty frames per second");

    private void Take(ref TokenBucket bucket, in RateLimit? limit, long count, RefusalReason reason, string explanation)
    {
        if (limit is not { } allowed || bucket.TryTake(allowed, count))
            return;

        OnUnheard(wheel.ReadClock());
        if (bucket.TryTake(allowed, count))
            return;

        settings.Refusals.Report(reason);
        throw new ProtocolViolationException(CloseCode.PolicyViolation, explanation);
    }

    private void Fill(long elapsed, bool isHeard)
    {
        Fill(ref _messages, settings.MaxMessageRate, elapsed, isHeard);
        Fill(ref _bytes, settings.MaxByteRate, elapsed, isHeard);
        Fill(ref _controlFrames, settings.MaxControlFrameRate, elapsed, isHeard);
    }

    private static void Fill(ref TokenBucket bucket, in RateLimit? limit, long elapsed, bool isHeard)
    {
        if (limit is not { } allowed)
            return;

        if (isHeard)
            bucket.Refill(allowed, elapsed);
        else
            bucket.Credit(allowed, elapsed);
    }

    // Two threads that read the wheel's clock may see it in either order.
    private long Elapse(long now)
    {
        var elapsed = Math.Max(0, now - _filledAt);
        _filledAt += elapsed;
        return elapsed;
    }
}
