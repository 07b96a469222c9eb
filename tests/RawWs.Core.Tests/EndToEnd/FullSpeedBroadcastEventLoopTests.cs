using RawWs.Transport;

namespace RawWs.Tests.EndToEnd;

public sealed class FullSpeedBroadcastEventLoopTests : FullSpeedBroadcastTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
