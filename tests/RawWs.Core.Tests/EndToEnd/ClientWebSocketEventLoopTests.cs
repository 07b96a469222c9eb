using RawWs.Transport;

namespace RawWs.Tests.EndToEnd;

public sealed class ClientWebSocketEventLoopTests : ClientWebSocketTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
