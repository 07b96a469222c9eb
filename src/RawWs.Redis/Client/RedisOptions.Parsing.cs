using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace RawWs.Redis;

// Options in a line of text.
public sealed partial class RedisOptions
{
    private const string Example = "localhost:6379, redis://user:password@host:6379/0, rediss://host for TLS, or host1:6379,host2:6379 for servers of a Redis Cluster";

    /// <summary>
    /// Reads options from a text: <c>HOST[:PORT]</c>, or <c>redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]</c>, or the same with <c>rediss://</c> for TLS, where <c>?ca=FILE</c> names
    /// a PEM file of certificate authorities. Several <c>HOST[:PORT]</c> with commas between, also behind a scheme and a user, are servers of a Redis Cluster, and one is with <c>?cluster</c>. In user and password what is
    /// not a letter or digit may be escaped as in URLs.
    /// </summary>
    /// <exception cref="FormatException">It is none of these; the message says what to write. It does not repeat passwords.</exception>
    public static RedisOptions Parse(string text) => TryParse(text, out var options, out var error) ? options : throw new FormatException(error);

    /// <summary>Reads options as <see cref="Parse"/> does.</summary>
    /// <param name="text">The text.</param>
    /// <param name="options">The options; null if there is an error.</param>
    /// <param name="error">What is wrong, and what to write; null if nothing is.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RedisOptions? options, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        options = null;
        if (!TryTakeServers(ref text, out var servers))
        {
            error = $"Between commas there are HOST[:PORT] and nothing else, but for what is before the first and behind the last: write {Example}.";
            return false;
        }

        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? text : $"redis://{text}", UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            error = $"Write where Redis is as {Example}.";
            return false;
        }

        var parsed = new RedisOptions { Host = url.DnsSafeHost };
        error = url.Scheme is not ("redis" or "rediss") ? $"The scheme is redis or rediss, not {url.Scheme}: write {Example}."
            : !hasScheme && (url.UserInfo.Length > 0 || url.AbsolutePath is not ("" or "/")) ? $"Where there is more than a host and a port, begin with redis:// or rediss://: write {Example}."
            : parsed.ReadPort(url) ?? parsed.ReadUser(url.UserInfo) ?? parsed.ReadDatabase(url.AbsolutePath) ?? parsed.ReadQuery(url, servers);

        options = error is null ? parsed : null;
        return error is null;
    }

    private string? ReadPort(Uri url)
    {
        if (url.Port == 0)
            return "The port is 1 to 65535; leave it out for 6379.";

        Port = url.Port < 0 ? DefaultPort : url.Port;
        return url.Fragment.Length == 0 ? null : "Nothing begins with # in it; in a password write %23.";
    }

    private string? ReadUser(string userInfo)
    {
        if (userInfo.Length == 0)
            return null;

        if (userInfo.Split(':') is not [var user, var password] || password.Length == 0)
            return "Before the @ there is USER:PASSWORD, or :PASSWORD for the default user; in a password write : as %3A and @ as %40.";

        (User, Password) = (user.Length == 0 ? null : Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        return null;
    }

    private string? ReadDatabase(string path)
    {
        if (path is "" or "/")
            return null;

        if (!int.TryParse(path.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var database))
            return "Behind the / there is the number of a database, such as /0.";

        Database = database;
        return null;
    }

    private string? ReadQuery(Uri url, DnsEndPoint[] others)
    {
        UseTls = url.Scheme == "rediss";
        var isCluster = others.Length > 0;
        foreach (var part in url.Query.Split(['?', '&'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "cluster")
                isCluster = true;
            else if (!UseTls || !part.StartsWith("ca=", StringComparison.Ordinal))
                return "Behind the ? there are only cluster, for a Redis Cluster, and with rediss ca=FILE; between them there is &.";
            else if (ReadAuthorities(Uri.UnescapeDataString(part["ca=".Length..])) is { } error)
                return error;
        }

        if (isCluster)
            ClusterEndPoints = [new DnsEndPoint(Host, Port), .. others];

        return isCluster && Database != 0 ? "A Redis Cluster has no other database than 0." : null;
    }

    private string? ReadAuthorities(string file)
    {
        try
        {
            CertificateAuthorities.ImportFromPemFile(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return $"The certificate authorities can't be read from '{file}': {failure.Message}";
        }

        return CertificateAuthorities.Count > 0 ? null : $"There is no certificate in '{file}': a PEM file is wanted.";
    }

    // What is between the first comma and the end of the hosts is taken out: what is left is the address of one server.
    /// <returns><see langword="false"/> if there is something else between commas.</returns>
    private static bool TryTakeServers(ref string text, out DnsEndPoint[] servers)
    {
        servers = [];
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var begin = scheme < 0 ? 0 : scheme + "://".Length;
        var end = text.IndexOfAny(['/', '?', '#'], begin) is >= 0 and var at ? at : text.Length;
        var hosts = begin + text[begin..end].LastIndexOf('@') + 1;
        var comma = text.IndexOf(',', hosts, end - hosts);
        if (comma < 0)
            return true;

        var others = text[(comma + 1)..end].Split(',');
        servers = new DnsEndPoint[others.Length];
        for (var place = 0; place < servers.Length; place++)
        {
            if (!Uri.TryCreate($"redis://{others[place]}", UriKind.Absolute, out var url) || url.Host.Length == 0 || url.Port == 0 || url.UserInfo.Length > 0)
                return false;

            servers[place] = new DnsEndPoint(url.DnsSafeHost, url.Port < 0 ? DefaultPort : url.Port);
        }

        text = text[..comma] + text[end..];
        return true;
    }
}
