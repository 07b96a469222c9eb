using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Transport;

/// <summary>What TLS agreed on for a connection.</summary>
/// <param name="Protocol">The version of TLS.</param>
/// <param name="CipherSuite">The cipher suite.</param>
/// <param name="ServerName">The name that the client asked for (SNI), null if it named none.</param>
/// <param name="ClientCertificate">The client's certificate, null if it showed none. Valid as long as the connection.</param>
public sealed record TlsDetails(SslProtocols Protocol, TlsCipherSuite CipherSuite, string? ServerName, X509Certificate2? ClientCertificate);
