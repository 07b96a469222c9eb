using RawWs.Transport;

namespace RawWs.Tests.Http;

public sealed class HeldResponseEventLoopTests : HeldResponseTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
