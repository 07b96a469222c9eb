using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class SocketReaderTests : TransportReaderTests
{
    internal override TransportConnection Connect(SocketPair pair) => new SocketConnection(pair.Server);
}

/// <summary>The same without tasks.</summary>
public sealed class SocketDirectReaderTests : TransportReaderTests
{
    internal override TransportConnection Connect(SocketPair pair) => new DirectReads(new SocketConnection(pair.Server));
}
