using RawWs.Transport;

namespace RawWs.Tests.Http;

public sealed class HttpStrictnessEventLoopTests : HttpStrictnessTests
{
    protected override ITransport NewTransport() => NewEventLoop();
}
