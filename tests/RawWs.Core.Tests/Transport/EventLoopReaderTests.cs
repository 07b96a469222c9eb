using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class EventLoopReaderTests : TransportReaderTests
{
    internal override TransportConnection Connect(SocketPair pair) => EventLoops.Connect(pair);
}
