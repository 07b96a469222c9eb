using System.Security.Cryptography.X509Certificates;

namespace RawWs.Host;

/// <summary>Where a client connects to, and how.</summary>
internal sealed record ClientOptions
{
    public const double DefaultConnectSeconds = 10;

    /// <summary>Absolute, of the scheme <c>ws</c> or <c>wss</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>What the request of the opening handshake says besides the usual.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The subprotocols that are offered, the best first.</summary>
    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>Whether any certificate will do.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>Whom certificates have to come from, or be themselves; null for whom the system trusts.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Whether permessage-deflate is offered.</summary>
    public bool Compress { get; init; }

    /// <summary>How long connecting may take, with TLS and the opening handshake.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(DefaultConnectSeconds);

    /// <summary>After how much silence a server is sent a ping, and then how long it has for its answer; zero for never.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(20);
}
