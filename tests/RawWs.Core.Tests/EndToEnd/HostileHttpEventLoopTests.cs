using RawWs.Transport;

namespace RawWs.Tests.EndToEnd;

public sealed class HostileHttpEventLoopTests : HostileHttpTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
