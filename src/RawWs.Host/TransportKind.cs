namespace RawWs.Host;

/// <summary>What connections come through.</summary>
internal enum TransportKind
{
    /// <summary>The sockets of the runtime.</summary>
    Sockets,

    /// <summary>Event loops of our own, on Linux.</summary>
    EventLoop,
}
