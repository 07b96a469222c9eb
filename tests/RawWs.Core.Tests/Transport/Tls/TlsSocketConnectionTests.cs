using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

public sealed class TlsSocketConnectionTests : TlsConnectionTests
{
    private protected override TransportConnection Connect(SocketPair pair)
    {
        pair.IsServerTaken = true;
        return new SocketConnection(pair.Server);
    }
}
