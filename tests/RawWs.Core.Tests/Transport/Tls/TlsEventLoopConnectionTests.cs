using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

public sealed class TlsEventLoopConnectionTests : TlsConnectionTests
{
    private protected override TransportConnection Connect(SocketPair pair) => EventLoops.Connect(pair);
}

/// <summary>The same without tasks.</summary>
public sealed class TlsEventLoopDirectConnectionTests : TlsConnectionTests
{
    private protected override TransportConnection Connect(SocketPair pair) => EventLoops.Connect(pair);

    private protected override TransportConnection Reads(TransportConnection connection) => new DirectReads(connection);
}
