using System.Buffers.Binary;

namespace RawWs.Connections;

/// <summary>The pings that wait for their pong. Their payload is a number, so that a pong says which ping it answers.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PendingPings
{
    /// <summary>How many may wait at once: more would only say that the peer does not answer.</summary>
    public const int MaxCount = 16;

    public const int PayloadLength = sizeof(ulong);

    private readonly Lock _gate = new();
    private readonly Queue<(ulong Number, long SentAt, TaskCompletionSource<TimeSpan>? Waiter)> _pings = new();
    private ulong _lastNumber;
    private volatile bool _isEmpty = true;

    /// <summary>Whether none waits.</summary>
    public bool IsEmpty => _isEmpty;

    /// <summary>Writes the payload of a new ping.</summary>
    /// <param name="sentAt">A timestamp.</param>
    /// <param name="waiter">Is told the round-trip time.</param>
    /// <param name="payload">Room for <see cref="PayloadLength"/> bytes.</param>
    /// <returns>Whether there was room for one more.</returns>
    public bool TryAdd(long sentAt, TaskCompletionSource<TimeSpan>? waiter, Span<byte> payload)
    {
        lock (_gate)
        {
            if (_pings.Count == MaxCount)
                return false;

            _pings.Enqueue((++_lastNumber, sentAt, waiter));
            _isEmpty = false;
            BinaryPrimitives.WriteUInt64BigEndian(payload, _lastNumber);
            return true;
        }
    }

    /// <summary>
    /// Takes a pong. It answers its ping and those before it: RFC 6455 §5.5.3 lets a peer answer "only the most recently processed Ping frame".
    /// </summary>
    /// <returns>The round-trip time; null if the pong answers none of our pings, as an unsolicited heartbeat.</returns>
    public TimeSpan? Answer(ReadOnlySpan<byte> payload, long now, TimeProvider time)
    {
        if (payload.Length != PayloadLength)
            return null;

        var number = BinaryPrimitives.ReadUInt64BigEndian(payload);
        TimeSpan? roundTrip = null;

        while (TryTakeUpTo(number, out var sentAt, out var waiter))
        {
            roundTrip = time.GetElapsedTime(sentAt, now);
            waiter?.TrySetResult(roundTrip.Value);
        }

        return roundTrip;
    }

    /// <summary>No pong will come any more.</summary>
    public void Fail(Exception error)
    {
        while (TryTakeUpTo(number: null, out _, out var waiter))
        {
            // Whoever waited may have given up since. Then nobody looks at this, and the runtime must not report it as a failure that was overlooked.
            if (waiter?.TrySetException(error) == true)
                _ = waiter.Task.Exception;
        }
    }

    /// <summary>Takes the first ping out if its number is at most <paramref name="number"/>; whatever its number if that is null.</summary>
    private bool TryTakeUpTo(ulong? number, out long sentAt, out TaskCompletionSource<TimeSpan>? waiter)
    {
        lock (_gate)
        {
            // A number that was never sent answers nothing.
            var isAnswered = _pings.TryPeek(out var first) && (number is null || (first.Number <= number && number <= _lastNumber));
            (_, sentAt, waiter) = isAnswered ? _pings.Dequeue() : default;
            _isEmpty = _pings.Count == 0;
            return isAnswered;
        }
    }
}
