namespace RawWs.Proxy.Tests;

/// <summary>The ways in which a proxy can stand before the server.</summary>
public enum ProxyKind
{
    /// <summary>nginx reads requests and forwards them.</summary>
    Nginx,

    /// <summary>The same, and ends TLS.</summary>
    NginxTls,

    /// <summary>nginx forwards bytes, with the PROXY protocol, version 1; the server speaks TLS.</summary>
    NginxStream,

    /// <summary>HAProxy reads requests and forwards them.</summary>
    HAProxy,

    /// <summary>The same, and ends TLS.</summary>
    HAProxyTls,

    /// <summary>HAProxy forwards bytes, with the PROXY protocol, version 1; the server speaks TLS.</summary>
    HAProxyTcpVersion1,

    /// <summary>The same with version 2.</summary>
    HAProxyTcp,

    /// <summary>HAProxy ends TLS and forwards bytes, with the PROXY protocol, version 2, which tells so.</summary>
    HAProxyTcpTls,
}
