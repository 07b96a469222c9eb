using RawWs.Transport;

namespace RawWs.Tests.EndToEnd;

[Collection(AloneCollection.Name)]
public sealed class MemoryEventLoopTests : MemoryTests
{
    protected override int MaxIdleSize => 5 * 1024 / 2;

    protected override ITransport NewTransport() => NewEventLoop();
}
