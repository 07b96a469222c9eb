using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Connections;

/// <summary>One loop, so that all connections are lent the same memory.</summary>
public class MessageHandlerEventLoopTests : MessageHandlerTests
{
    protected override ITransport NewTransport() => NewEventLoop(new() { LoopCount = 1, StallTimeout = LoopbackServer.NeverStalls });
}

/// <summary>Handlers run on the thread pool, and are lent nothing.</summary>
public sealed class MessageHandlerOnThreadPoolTests : MessageHandlerTests
{
    protected override ITransport NewTransport() => NewEventLoop(new() { LoopCount = 1, StallTimeout = LoopbackServer.NeverStalls, RunsSessionsInline = false });
}
