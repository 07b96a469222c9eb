using RawWs.Transport;

namespace RawWs.Tests.EndToEnd;

[Collection(AloneCollection.Name)]
public sealed class MemoryEventLoopTests : MemoryTests
{
    protected override int MaxIdleSize => 2_400;

    protected override ITransport NewTransport() => NewEventLoop();
}
