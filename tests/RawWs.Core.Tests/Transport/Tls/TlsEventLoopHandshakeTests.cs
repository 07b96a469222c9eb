using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

public sealed class TlsEventLoopHandshakeTests : TlsHandshakeTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
