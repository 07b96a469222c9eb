namespace RawWs.Tests.Transport;

public sealed class SocketTransportTests : TransportTests;
