using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

public sealed class TlsEventLoopConnectionTests : TlsConnectionTests
{
    private protected override TransportConnection Connect(SocketPair pair) => EventLoops.Connect(pair);
}
