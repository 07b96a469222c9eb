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

/// <summary>The same without tasks.</summary>
public sealed class TlsSocketDirectConnectionTests : TlsConnectionTests
{
    private protected override TransportConnection Connect(SocketPair pair)
    {
        pair.IsServerTaken = true;
        return new SocketConnection(pair.Server);
    }

    private protected override TransportConnection Reads(TransportConnection connection) => new DirectReads(connection);
}
