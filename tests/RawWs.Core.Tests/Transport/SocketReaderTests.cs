using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class SocketReaderTests : TransportReaderTests
{
    internal override TransportConnection Connect(SocketPair pair) => new SocketConnection(pair.Server);
}
