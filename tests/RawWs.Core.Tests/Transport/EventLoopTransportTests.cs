using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class EventLoopTransportTests : TransportTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
