using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RawWs.Redis;

/// <summary>Where Redis is, and how much is asked of it. Read when a client is made.</summary>
/// <remarks>Setters throw an <see cref="ArgumentOutOfRangeException"/> that names the range.</remarks>
public sealed partial class RedisOptions
{
    /// <summary>The port of Redis where nothing else is said.</summary>
    public const int DefaultPort = 6379;

    /// <summary>A name, or an IP address. Default: <c>localhost</c>.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>The port. Default 6379. Range: 1 to 65,535.</summary>
    public int Port { get; set => field = InRange(value, 1, ushort.MaxValue); } = DefaultPort;

    /// <summary>
    /// Servers of a Redis Cluster. The others are learnt from whichever can be reached; <see cref="Host"/> and <see cref="Port"/> are of no account. Whoever answers there names servers that are logged in to with
    /// <see cref="User"/> and <see cref="Password"/>. Default: empty, no cluster.
    /// </summary>
    public IReadOnlyList<DnsEndPoint> ClusterEndPoints { get; set; } = [];

    /// <summary>The user of the access control list. Default, null: <c>default</c>, if there is a password.</summary>
    public string? User { get; set; }

    /// <summary>The password. Default, null: none, as for a <see cref="User"/> that needs none. It is sent as it is; use <see cref="UseTls"/> where somebody else could read it.</summary>
    public string? Password { get; set; }

    /// <summary>The number of the database. Default 0. Range: from 0. Channels are shared by all databases; streams are not.</summary>
    public int Database { get; set => field = InRange(value, 0, int.MaxValue); }

    /// <summary>What <c>CLIENT LIST</c> shows. Letters, digits and punctuation without spaces. Default: <c>rawws</c>.</summary>
    public string ClientName
    {
        get;
        set => field = value.Length > 0 && value.All(character => character is > ' ' and < '\x7F')
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ClientName), value, $"{nameof(ClientName)} is visible ASCII without spaces, such as rawws.");
    } = "rawws";

    /// <summary>Whether TLS is spoken. Default: not.</summary>
    public bool UseTls { get; set; }

    /// <summary>
    /// The certificate authorities that the certificate of the server may come from, in the place of those that the machine trusts. Default: empty, those of the machine. Revocation is not checked.
    /// </summary>
    public X509Certificate2Collection CertificateAuthorities { get; } = [];

    /// <summary>
    /// How long a connection may take to be made, with TLS and the login. Default 5 s. Range: from 1 ms. If a name has several addresses, they are tried in their order, and one where nobody answers leaves at least half of
    /// the time to those behind it.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set => field = InRange(value); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a command may be unanswered before the connection is taken for dead, and another made. Default 5 s. Range: from 1 ms. It is found at most a quarter later. While something comes all the same, such as
    /// the rest of a large answer, it may take as long again; and on the connection for messages, which answers are behind, two minutes longer.
    /// </summary>
    public TimeSpan CommandTimeout { get; set => field = InRange(value); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often Redis is asked whether it is there, on each connection, and whether it is a primary still: over RESP3 with a HELLO, over RESP2, which does not tell, with a PING. A connection whose other end is gone,
    /// or has become a replica, is made anew. Default 5 s. Range: from 1 ms.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set => field = InRange(value); } = TimeSpan.FromSeconds(5);

    /// <summary>How long it takes, at most, until the first attempt after a connection is lost. Each further one takes up to twice as long. The time is chosen at random, from a half of that. Default 0.1 s.</summary>
    public TimeSpan MinReconnectDelay { get; set => field = InRange(value); } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it takes, at most, until another attempt; and how long until a subscription that Redis has refused is asked for again. Default 5 s.</summary>
    public TimeSpan MaxReconnectDelay { get; set => field = InRange(value); } = TimeSpan.FromSeconds(5);

    /// <summary>How many commands may be unanswered at once on a connection; one more is refused, and what servers of Socket.IO say by it is lost to others. Default 131,072. Range: from 1.</summary>
    public int MaxPendingCount { get; set => field = InRange(value, 1, int.MaxValue); } = 131_072;

    /// <summary>Bytes that unanswered commands may have together; what goes beyond is refused, as above. Default 64 MiB. Range: from 1.</summary>
    public int MaxPendingSize { get; set => field = InRange(value, 1, int.MaxValue); } = 64 << 20;

    /// <summary>Bytes that one answer, or one message, of Redis may have; a larger one ends the connection. Default 64 MiB. Range: from 1,024.</summary>
    public int MaxReplySize { get; set => field = InRange(value, 1_024, int.MaxValue); } = 64 << 20;

    /// <summary>Whether RESP3 is tried before RESP2. Default: yes; Redis before version 6 has RESP2 only.</summary>
    public bool PreferResp3 { get; set; } = true;

    /// <summary>Where the client logs to, under the category <c>RawWs.Redis</c>. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where it is, for logs and messages; without user and password.</summary>
    internal string Target => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Whether it is a server of a cluster that is asked, by a client that knows the others.</summary>
    internal bool IsOfCluster { get; private set; }

    /// <summary>The client for where Redis is: a <see cref="RedisClusterClient"/> for a cluster, a <see cref="RedisClient"/> for one server. Whoever asks for it disposes it.</summary>
    public IRedisClient CreateClient() => ClusterEndPoints.Count > 0 ? new RedisClusterClient(this) : new RedisClient(this);

    /// <summary>The same for one server of a cluster.</summary>
    internal RedisOptions For(DnsEndPoint server)
    {
        var options = Clone();
        (options.Host, options.Port, options.ClusterEndPoints, options.IsOfCluster) = (server.Host, server.Port, [], true);
        return options;
    }

    internal RedisOptions Clone() => (RedisOptions)MemberwiseClone();

    private static int InRange(int value, int min, int max, [CallerMemberName] string? name = null)
        => value >= min && value <= max ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {min} to {max}.");

    private static TimeSpan InRange(TimeSpan value, [CallerMemberName] string? name = null)
        => value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromDays(1) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is 1 ms to a day.");
}
