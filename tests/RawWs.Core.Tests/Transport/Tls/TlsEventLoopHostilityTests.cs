using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

public sealed class TlsEventLoopHostilityTests : TlsHostilityTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
