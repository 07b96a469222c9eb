namespace RawWs.Tests.Transport.Tls;

public sealed class TlsSocketTests : TlsTests;
