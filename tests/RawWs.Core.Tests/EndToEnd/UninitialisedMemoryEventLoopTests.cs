using RawWs.Transport;

namespace RawWs.Tests.EndToEnd;

public sealed class UninitialisedMemoryEventLoopTests : UninitialisedMemoryTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
