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

    // By namespace; null while its middlewares decide.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SocketIOSocket?> _sockets = new(StringComparer.Ordinal);
    private ITimer? _connectTimer;
    private bool _isClosed;

    /// <param name="server">The server.</param>
    /// <param name="session">What carries its packets.</param>
    /// <param name="handshake">The session's first request.</param>
    public ClientConnection(SocketIOServer server, EngineSession session, Handshake handshake)
    {
        (_server, _options, Session, _handshake) = (server, server.Options, session, handshake);
        _decoder = _options.Parser.CreateDecoder(new PacketLimits(_options.MaxAttachmentCount, _options.MaxPacketSize, _options.MaxJsonDepth));
        _connectTimer = _options.TimeProvider.CreateTimer(
            static connection => ((ClientConnection)connection!).OnConnectTimeout(), this, _options.ConnectTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What carries its packets.</summary>
    public EngineSession Session { get; }

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
            foreach (var socket in Sockets())
                socket.ReportError(error);

            Session.Close(DisconnectReason.ForcedClose);
        }
    }

    /// <inheritdoc/>
    public void Close(DisconnectReason reason)
    {
        SocketIOSocket[] sockets;
        lock (_gate)
        {
            _isClosed = true;
            sockets = [.. _sockets.Values.OfType<SocketIOSocket>()];
            _sockets.Clear();
            ForgetConnectTimeout_NeedsLock();
        }

        foreach (var socket in sockets)
            End(socket, reason);
    }

    /// <summary>Disconnects a socket from this side.</summary>
    public void Leave(SocketIOSocket socket)
    {
        if (!TryRemove(socket))
            return;

        Session.Send(socket.Namespace.Encode(PacketType.Disconnect));
        End(socket, DisconnectReason.ServerNamespaceDisconnect);
    }

    /// <summary>Disconnects all sockets from this side, and ends the session behind that.</summary>
    public void DisconnectAll()
    {
        foreach (var socket in Sockets())
            Leave(socket);

        Session.Close(DisconnectReason.ForcedServerClose);
    }

    private Task HandleAsync(Packet packet)
    {
        if (packet.Type == PacketType.Connect)
        {
            // Its middlewares may take long, and whoever decides about one namespace holds up no other.
            _ = ConnectAsync(packet);
            return Task.CompletedTask;
        }

        if (Find(packet.Namespace) is not { } socket)
            throw new PacketException("the namespace has not been joined");

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
        lock (_gate)
        {
            if (_sockets.Values.Any(socket => socket is not null))
                return;
        }

        Session.Close(DisconnectReason.ForcedServerClose);
    }

    private SocketIOSocket[] Sockets()
    {
        lock (_gate)
        {
            return [.. _sockets.Values.OfType<SocketIOSocket>()];
        }
    }

    private SocketIOSocket? Find(string nsp)
    {
        lock (_gate)
        {
            return _sockets.GetValueOrDefault(nsp);
        }
    }

    // False for a namespace that has been joined, or is about to be, and for one too many.
    private bool TryReserve(string nsp)
    {
        lock (_gate)
        {
            return !_isClosed && _sockets.Count < _options.MaxNamespacesPerConnection && _sockets.TryAdd(nsp, null);
        }
    }

    private void Unreserve(string nsp)
    {
        lock (_gate)
        {
            _sockets.Remove(nsp);
        }
    }

    private bool TryAdd(SocketIOSocket socket)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;

            // Under the lock, so that whoever closes finds it, and that its first packet is behind the reply.
            ForgetConnectTimeout_NeedsLock();
            _sockets[socket.Namespace.Name] = socket;
            return true;
        }
    }

    // Whoever has joined once has no time limit any more, and keeps no timer.
    private void ForgetConnectTimeout_NeedsLock()
    {
        _connectTimer?.Dispose();
        _connectTimer = null;
    }

    private bool TryRemove(SocketIOSocket socket)
    {
        lock (_gate)
        {
            return _sockets.GetValueOrDefault(socket.Namespace.Name) == socket && _sockets.Remove(socket.Namespace.Name);
        }
    }
}
