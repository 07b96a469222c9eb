namespace RawWs.SocketIO;

/// <summary>Why a socket has been disconnected.</summary>
public enum DisconnectReason
{
    /// <summary>The client or the network ended the connection.</summary>
    TransportClose,

    /// <summary>The client broke a rule of its transport: two polls at once, a message that is too large, a heartbeat in the wrong direction; or it reads too slowly.</summary>
    TransportError,

    /// <summary>The client did not answer a ping.</summary>
    PingTimeout,

    /// <summary>The client sent what is no Engine.IO packet.</summary>
    ParseError,

    /// <summary>The client sent what is no Socket.IO packet, or one that it may not send.</summary>
    ForcedClose,

    /// <summary>The server ended the connection, for example because no namespace was joined in time.</summary>
    ForcedServerClose,

    /// <summary>The server stops.</summary>
    ServerShuttingDown,

    /// <summary>The client left the namespace.</summary>
    ClientNamespaceDisconnect,

    /// <summary>The server called <see cref="SocketIOSocket.Disconnect"/>.</summary>
    ServerNamespaceDisconnect,
}
