using RawWs.Transport;

namespace RawWs.Tests.EndToEnd;

public sealed class HostileFrameEventLoopTests : HostileFrameTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
