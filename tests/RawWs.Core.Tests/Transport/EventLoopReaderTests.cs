using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class EventLoopReaderTests : TransportReaderTests
{
    internal override TransportConnection Connect(SocketPair pair) => EventLoops.Connect(pair);
}

/// <summary>The same without tasks.</summary>
public sealed class EventLoopDirectReaderTests : TransportReaderTests
{
    internal override TransportConnection Connect(SocketPair pair) => new DirectReads(EventLoops.Connect(pair));
}
