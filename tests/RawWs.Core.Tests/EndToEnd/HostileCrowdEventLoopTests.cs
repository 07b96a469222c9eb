using RawWs.Transport;

namespace RawWs.Tests.EndToEnd;

public sealed class HostileCrowdEventLoopTests : HostileCrowdTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
