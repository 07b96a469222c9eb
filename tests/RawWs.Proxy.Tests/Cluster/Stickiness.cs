namespace RawWs.Proxy.Tests.Cluster;

/// <summary>How a proxy knows the node that has a client's session.</summary>
public enum Stickiness
{
    /// <summary>nginx hashes the client's address.</summary>
    NginxAddress,

    /// <summary>nginx hashes a cookie of its own.</summary>
    NginxCookie,

    /// <summary>HAProxy names the node in a cookie of its own.</summary>
    HAProxyCookie,

    /// <summary>HAProxy hashes the client's address.</summary>
    HAProxyAddress,
}
