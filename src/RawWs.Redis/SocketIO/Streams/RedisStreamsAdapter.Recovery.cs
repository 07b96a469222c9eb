using System.Text.Json;
using RawWs.Redis.Client;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;

namespace RawWs.Redis;

// Clients that come back, to this server or another one.
public sealed partial class RedisStreamsAdapter
{
    // A stream is not longer than it is allowed to be, but for what is added while it is read.
    private const int MaxReadCount = 1_000;

    private readonly SessionStore _sessions;

    /// <inheritdoc/>
    /// <remarks>Null while Redis is away.</remarks>
    public override string? LastOffset => IsRecovering && _outbox.Delivered is { } last && last != Beginning ? last : null;

    private static string Beginning => "0-0";

    private bool IsRecovering => Namespace.Options.ConnectionStateRecovery is not null;

    /// <inheritdoc/>
    public override Task PersistSessionAsync(StoredSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return Namespace.Options.ConnectionStateRecovery is { } recovery ? _sessions.SaveAsync(Namespace, session, recovery) : Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>A session is found once: it is taken away with that.</remarks>
    public override async Task<StoredSession?> RestoreSessionAsync(string privateId, string? offset)
    {
        // What is no place in a stream need not cost the session.
        if (!IsRecovering || (offset is not null && !IsPlace(offset)))
            return null;

        try
        {
            return await _sessions.TakeAsync(Namespace, privateId).ConfigureAwait(false);
        }
        catch (Exception error) when (error is JsonException or RedisUnavailableException or RedisErrorException)
        {
            // Its client begins anew.
            Connection.NotRecovered(error);
            return null;
        }
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<SocketIOPacket>?> ReadMissedAsync(StoredSession session, string? offset)
    {
        ArgumentNullException.ThrowIfNull(session);
        var seen = offset ?? session.FirstOffset;
        if (seen is null || !IsPlace(seen))
            return null;

        // It was told nothing from where the stream has lost something, which nobody can send it.
        if (_outbox.WentBackTo is { } end && RedisStreamEntry.CompareIds(seen, end) <= 0)
            return null;

        using var stopping = new CancellationTokenSource(_options.RequestTimeout, Namespace.Options.TimeProvider);
        try
        {
            // What this server has said while Redis was away is in the stream before it is read.
            await _outbox.SettleAsync().WaitAsync(stopping.Token).ConfigureAwait(false);
            return await ReadMissedAsync(session, seen, stopping.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is JsonException or RedisUnavailableException or RedisErrorException or OperationCanceledException)
        {
            Connection.NotRecovered(error);
            return null;
        }
    }

    private async Task<IReadOnlyList<SocketIOPacket>?> ReadMissedAsync(StoredSession session, string seen, CancellationToken cancellationToken)
    {
        var rooms = session.Rooms.ToHashSet(StringComparer.Ordinal);
        var missed = new List<SocketIOPacket>();
        var last = seen;

        // An answer that is too large would end the connection for all who use it.
        var page = new PageLength(_options.ReadCount, _redis.Options.MaxReplySize, isShortAtFirst: true);
        for (var reads = 0; reads < MaxReadCount; reads++)
        {
            var count = page.Current;
            var entries = await _redis.ReadStreamAsync(_stream, start: last, count: 1 + count, cancellationToken: cancellationToken).ConfigureAwait(false);

            // Each reading begins with the entry that was read last. If that is not there any more, something may be missing.
            if (entries is not [var first, ..] || first.Id != last)
                return null;

            page.Adapt(entries);
            foreach (var entry in entries.Skip(1))
            {
                if (Find(entry, rooms) is { } packet)
                    missed.Add(packet.WithOffset(entry.Id));

                last = entry.Id;
            }

            if (entries.Count <= count)
            {
                // What comes from here on waits behind what it missed; up to there it is known by its offset.
                await _outbox.WaitForDeliveryAsync(last, cancellationToken).ConfigureAwait(false);
                return missed;
            }
        }

        // Others add to the stream faster than it can be read.
        return null;
    }

    /// <returns>Null if it is not for a client in these rooms.</returns>
    private SocketIOPacket? Find(RedisStreamEntry entry, HashSet<string> rooms)
    {
        if (!StreamEntryBody.TryRead(entry, out var body) || body.Namespace != Namespace.Name || body.MessageType != ClusterMessageType.Broadcast)
            return null;

        try
        {
            var data = body.ReadData(Reader);
            var options = AdapterBody.OptionsOf(AdapterBody.Member(data.Root, "opts"u8));
            var isMeant = !options.IsVolatile && (options.Rooms.Count == 0 || options.Rooms.Any(rooms.Contains)) && !options.Except.Any(rooms.Contains);
            return isMeant && Reader.TryReadPacket(data, AdapterBody.Member(data.Root, "packet"u8), Namespace.Name, out var packet) ? packet : null;
        }
        catch (JsonException)
        {
            // It was delivered to nobody.
            return null;
        }
    }

    // As Redis writes them: milliseconds, and a number within these.
    private static bool IsPlace(string text) => text.Split('-') is [{ Length: > 0 } time, { Length: > 0 } number] && time.All(char.IsAsciiDigit) && number.All(char.IsAsciiDigit);
}
