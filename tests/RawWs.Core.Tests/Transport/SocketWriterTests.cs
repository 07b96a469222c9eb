using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class SocketWriterTests : TransportWriterTests
{
    internal override TransportConnection Connect(SocketPair pair) => new SocketConnection(pair.Server);
}
