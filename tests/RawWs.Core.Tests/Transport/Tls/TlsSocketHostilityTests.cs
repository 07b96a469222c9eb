namespace RawWs.Tests.Transport.Tls;

public sealed class TlsSocketHostilityTests : TlsHostilityTests;
