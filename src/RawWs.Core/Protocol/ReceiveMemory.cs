namespace RawWs.Protocol;

/// <summary>
/// The memory that is held for messages which have begun and are not complete, of all connections together: each may be within its limits, and all of them too much.
/// </summary>
/// <param name="max">How many bytes there may be.</param>
/// <param name="onRefused">Told each time that somebody wants more.</param>
/// <remarks>Thread-safe. What is counted is what has arrived, never what was announced: nobody takes a place from others with a header.</remarks>
internal sealed class ReceiveMemory(long max, Action onRefused)
{
    /// <summary>What each connection may hold uncounted: whose messages are small is served whatever the others do.</summary>
    public const int FreeSize = 16 * 1024;

    private long _taken;

    /// <summary>Bytes that are held, without those that are free.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Counts what one connection holds, in place of what it held before.</summary>
    /// <param name="held">What it holds now.</param>
    /// <param name="counted">What of it is counted; the connection's own.</param>
    /// <exception cref="ProtocolViolationException">It holds more than before, and there is no room for that.</exception>
    public void Count(long held, ref long counted)
    {
        var rest = Math.Max(0, held - FreeSize);
        var change = rest - counted;
        if (change == 0)
            return;

        if (Interlocked.Add(ref _taken, change) > max && change > 0)
        {
            Interlocked.Add(ref _taken, -change);
            onRefused();
            throw new ProtocolViolationException(CloseCode.TryAgainLater, "the server holds too much of messages that are not complete");
        }

        counted = rest;
    }
}
