using System.Net;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class SocketListenerTests : ListenerTests
{
    private protected override ITransportListener Listen(EndPoint endPoint) => SocketTransport.For(NewOptions(), TimeProvider.System).Listen(endPoint);
}
