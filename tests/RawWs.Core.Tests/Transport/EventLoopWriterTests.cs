using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class EventLoopWriterTests : TransportWriterTests
{
    internal override TransportConnection Connect(SocketPair pair) => EventLoops.Connect(pair);
}
