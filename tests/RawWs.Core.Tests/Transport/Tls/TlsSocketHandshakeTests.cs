namespace RawWs.Tests.Transport.Tls;

public sealed class TlsSocketHandshakeTests : TlsHandshakeTests;
