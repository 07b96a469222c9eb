using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

// A connection that was lost and comes back: what is sent to it while what it missed is looked for waits, so that nothing is lost or comes twice.
public sealed partial class SocketIOSocket
{
    // Only a socket that comes back has one.
    private readonly Lock? _holdGate;
    // The default of WebSocketServerOptions.MaxSendQueueSize.
    private const int UsualSendQueueSize = 1 << 20;

    private List<(EncodedPacket Packet, string? Offset)>? _held;
    private IReadOnlyList<SocketIOPacket>? _missed;

    /// <summary>Whether it is in its rooms again, where it may be found, and not yet connected.</summary>
    internal bool IsReturning => IsConnected && System.Threading.Volatile.Read(ref _held) is not null;

    /// <summary>Whether it was to be disconnected while it came back. Its connection's, under the lock.</summary>
    internal bool IsSentAway
    {
        get;
        set => field = value && (field || IsReturning);
    }

    /// <summary>Goes back into its rooms. From now on what is sent to it waits, for what it missed goes first.</summary>
    /// <returns>False if that is not all there any more, or more than a connection takes at once: then it is in no room.</returns>
    internal async Task<bool> TryReturnAsync(string? offset)
    {
        var session = _restored!; // Only such a socket comes back.
        _held = [];
        Namespace.Rooms.Add(this);
        try
        {
            var missed = await Namespace.Adapter.ReadMissedAsync(session, offset).ConfigureAwait(false);
            _missed = missed is not null && IsTakeable(missed) ? missed : null;
        }
        finally
        {
            if (_missed is null)
                Dismiss();
        }

        return _missed is not null;
    }

    /// <summary>Its connection has gone before it was connected.</summary>
    internal void Abandon()
    {
        var rooms = Rooms;
        Dismiss();
        if (_restored is not null)
            Persist(DisconnectReason.TransportClose, rooms);
    }

    /// <summary>It will not be connected, and nothing of it stays. Whoever knows it already may have asked it something.</summary>
    internal void Dismiss()
    {
        Interlocked.Exchange(ref _isDisconnected, 1);
        Namespace.Rooms.Remove(this);
        Namespace.Rooms.Forget(this);
        PendingAcks.Close();
    }

    // A connection that is ended for it would be sent the same when it comes back, again and again. A quarter of the queue is left for what is sent meanwhile, be it that of a client on polling or that of
    // a WebSocket.
    private bool IsTakeable(IReadOnlyList<SocketIOPacket> missed)
    {
        var (maxCount, maxSize) = (Namespace.Options.MaxQueueCount * 3L / 4, Math.Min(Namespace.Options.MaxQueueSize, UsualSendQueueSize) * 3L / 4);
        return missed.Count <= maxCount && missed.Sum(static packet => packet.Encode(isCompressible: true).BodyLength + 1L) <= maxSize;
    }

    // The reply comes behind what was missed: clients keep that until they are connected.
    private void SendMissed(IReadOnlyList<SocketIOPacket> missed)
    {
        lock (_holdGate!) // It comes back.
        {
            var offsets = new HashSet<string>(StringComparer.Ordinal);
            foreach (var packet in missed)
            {
                _connection.Session.Send(packet.Encode(isCompressible: true));
                offsets.Add(packet.Offset ?? "");
            }

            foreach (var (packet, offset) in _held ?? [])
            {
                if (offset is null || !offsets.Contains(offset))
                    _connection.Session.Send(packet);
            }

            _connection.Session.Send(Reply());
            System.Threading.Volatile.Write(ref _held, null);
        }
    }

    // While it is being recovered, everything waits but what may be lost.
    private bool TryHold(EncodedPacket packet, bool isVolatile, string? offset)
    {
        if (System.Threading.Volatile.Read(ref _held) is null)
            return false;

        lock (_holdGate!) // It comes back.
        {
            if (_held is null)
                return false;

            // With as many it has missed too much, and its client is slower than what is sent to it.
            if (!isVolatile && _held.Count < Namespace.Options.MaxQueueCount)
                _held.Add((packet, offset));
            else if (!isVolatile)
                _connection.Session.GiveUp();

            return true;
        }
    }

    private void Persist(DisconnectReason reason, IReadOnlyList<string> rooms)
    {
        if (_privateId is null || reason is DisconnectReason.ParseError or DisconnectReason.ClientNamespaceDisconnect or DisconnectReason.ServerNamespaceDisconnect)
            return;

        _ = PersistAsync(_privateId, rooms);
    }

    // An adapter may fail at once as well as later: in neither case is the end of a socket held up.
    private async Task PersistAsync(string privateId, IReadOnlyList<string> rooms)
    {
        try
        {
            await Namespace.Adapter.PersistSessionAsync(new StoredSession(Id, privateId, rooms, Data, _firstOffset)).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Its client begins anew when it comes back.
            Namespace.Log.AdapterFailed(Namespace.Name, error);
        }
    }
}
