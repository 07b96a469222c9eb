using RawWs.SocketIO.Engine;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>One Engine.IO session seen from above: the packets that come, and the sockets that it has in namespaces.</summary>
internal sealed partial class ClientConnection : IEngineClient
{
    private readonly SocketIOServer _server;
    private readonly SocketIOServerOptions _options;
    private readonly Handshake _handshake;
    private readonly IPacketDecoder _decoder;

    // Changed under the lock.
    private JoinedNamespaces _namespaces;
    private ITimer? _connectTimer;
    private int _repeatCount;
    private bool _isClosed;

    /// <param name="server">The server.</param>
    /// <param name="session">What carries its packets.</param>
    /// <param name="handshake">The session's first request.</param>
    public ClientConnection(SocketIOServer server, EngineSession session, Handshake handshake)
    {
        (_server, _options, Session, _handshake) = (server, server.Options, session, handshake);
        _decoder = _options.Parser.CreateDecoder(server.PacketLimits);
        _connectTimer = _options.TimeProvider.CreateTimer(
            static connection => ((ClientConnection)connection!).OnConnectTimeout(), this, _options.ConnectTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What carries its packets.</summary>
    public EngineSession Session { get; }

    /// <summary>Held for a few lines, by it and by the queues of its sockets.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether an answer is waited for in any of its namespaces.</summary>
    public bool IsAsked_NeedsLock => _namespaces.IsAsked;

    /// <inheritdoc/>
    public void Open()
    {
        if (Session.IsLegacy)
            _ = ConnectAsync(LegacyClients.Arrival);
    }

    /// <inheritdoc/>
    public async ValueTask ReceiveAsync(ReadOnlyMemory<byte> data, bool isBinary)
    {
        try
        {
            // What was received is borrowed.
            if (_decoder.Add(data.ToArray(), isBinary) is { } packet)
            {
                _server.Metrics.Received(packet.Type);
                await HandleAsync(packet).ConfigureAwait(false);
            }
        }
        catch (PacketException error)
        {
            foreach (var socket in _namespaces.ToArray())
                socket.ReportError(error);

            Session.Close(DisconnectReason.ForcedClose);
        }
    }

    /// <inheritdoc/>
    public void Close(DisconnectReason reason)
    {
        SocketIOSocket[] sockets;
        lock (Gate)
        {
            _isClosed = true;
            sockets = _namespaces.ToArray();
            _namespaces.Clear();
            ForgetConnectTimeout_NeedsLock();
        }

        foreach (var socket in sockets)
            End(socket, reason);
    }

    /// <summary>Disconnects a socket from this side.</summary>
    public void Leave(SocketIOSocket socket)
    {
        if (!TryRemove(socket, isSentAway: true))
            return;

        Session.Send(socket.Namespace.Encode(PacketType.Disconnect));
        End(socket, DisconnectReason.ServerNamespaceDisconnect);
    }

    /// <summary>Disconnects all sockets from this side, and ends the session behind that.</summary>
    /// <param name="socket">In whose name: one that is not here any more, or not yet, ends nothing of others.</param>
    public void DisconnectAll(SocketIOSocket socket)
    {
        if (socket.IsReturning)
            Leave(socket);
        else if (_namespaces.Find(socket.Namespace.Name) != socket)
            return;

        foreach (var other in _namespaces.ToArray())
            Leave(other);

        Session.Close(DisconnectReason.ForcedServerClose);
    }

    /// <summary>An answer is waited for: what is held up in any namespace may be before it.</summary>
    public void OnAsked()
    {
        lock (Gate)
        {
            _namespaces.LookForRoom();
        }
    }

    private Task HandleAsync(Packet packet)
    {
        if (packet.Type == PacketType.Connect)
        {
            // Its middlewares may take long, and whoever decides about one namespace holds up no other.
            _ = ConnectAsync(packet);
            return Task.CompletedTask;
        }

        if (_namespaces.Find(packet.Namespace) is not { } socket)
            throw new PacketException("the namespace has not been joined");

        socket.IsHeard = true;
        switch (packet.Type)
        {
            case PacketType.Event or PacketType.BinaryEvent when packet.Payload.IsEmpty:
                return Task.CompletedTask;

            case PacketType.Event or PacketType.BinaryEvent:
                return socket.ReceiveAsync(packet);

            case PacketType.Ack or PacketType.BinaryAck:
                if (packet.Id is { } id)
                    socket.PendingAcks.Answer(id, () => socket.Namespace.ValuesOf(packet));

                return Task.CompletedTask;

            case PacketType.Disconnect:
                if (TryRemove(socket))
                    End(socket, DisconnectReason.ClientNamespaceDisconnect);

                return Task.CompletedTask;

            default:
                throw new PacketException("no client sends this packet");
        }
    }

    private void End(SocketIOSocket socket, DisconnectReason reason)
    {
        if (socket.TryEnd(reason))
            _server.Namespaces.Release(socket.Namespace);
    }

    private void OnConnectTimeout()
    {
        if (_namespaces.ToArray().Length == 0)
            Session.Close(DisconnectReason.ForcedServerClose);
    }

    // False for a namespace that has been joined, or is about to be, and for one too many.
    private bool TryReserve(string nsp)
    {
        lock (Gate)
        {
            return !_isClosed && _namespaces.Count < _options.MaxNamespacesPerConnection && _namespaces.TryReserve(nsp);
        }
    }

    // What the client has asked for meanwhile keeps the place; with nothing of that it is given back.
    private ConnectRequest? TakeRepeated(string nsp)
    {
        lock (Gate)
        {
            var repeated = _namespaces.TakeRepeated(nsp);
            if (repeated is null)
                _namespaces.Remove(nsp);

            return repeated;
        }
    }

    private void Unreserve(string nsp)
    {
        lock (Gate)
        {
            _namespaces.Remove(nsp);
        }
    }

    // False if it is not wanted any more: because the connection has gone, or the client has asked for something other meanwhile.
    private bool TryAdd(SocketIOSocket socket, ConnectRequest request, out ConnectRequest? other)
    {
        lock (Gate)
        {
            other = null;
            if (_isClosed || socket.IsSentAway)
                return false;

            if (_namespaces.TakeRepeated(request.Namespace) is { } repeated && !repeated.Says(request.Auth))
            {
                other = repeated;
                return false;
            }

            // Under the lock, so that whoever closes finds it, and that its first packet is behind the reply.
            ForgetConnectTimeout_NeedsLock();
            _repeatCount = 0;
            _namespaces.Fill(socket);
            return true;
        }
    }

    // Whoever has joined once has no time limit any more, and keeps no timer.
    private void ForgetConnectTimeout_NeedsLock()
    {
        _connectTimer?.Dispose();
        _connectTimer = null;
    }

    private bool TryRemove(SocketIOSocket socket, bool isSentAway = false)
    {
        lock (Gate)
        {
            if (_namespaces.Find(socket.Namespace.Name) != socket)
            {
                // One that comes back is in its rooms, and may be found there, before it is here.
                socket.IsSentAway |= isSentAway;
                return false;
            }

            _namespaces.Remove(socket.Namespace.Name);
            return true;
        }
    }
}
