using System.Collections;
using RawWs.Protocol;

namespace RawWs;

/// <summary>
/// Header fields that an application adds to a response, of the opening handshake or of an HTTP route. Every name and value is checked when it is added, so
/// that text from elsewhere can't end a line and begin another.
/// </summary>
/// <remarks>Not thread-safe. Give one to each response.</remarks>
/// <example><code>new ResponseHeaders { { "Set-Cookie", "session=1; HttpOnly" } }</code></example>
public sealed class ResponseHeaders : IEnumerable<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _fields = [];

    /// <summary>How many fields there are.</summary>
    public int Count => _fields.Count;

    /// <summary>Adds a field. A name may be added several times, for example <c>Set-Cookie</c>.</summary>
    /// <exception cref="ArgumentException">
    /// The name is no token (RFC 9110 §5.6.2) or is written by the server itself (<c>Upgrade</c>, <c>Connection</c>,
    /// <c>Content-Length</c>, <c>Content-Type</c>, <c>Date</c>, <c>Transfer-Encoding</c>, <c>Sec-WebSocket-…</c>), or the value holds
    /// anything but visible ASCII, spaces and tabs.
    /// </exception>
    public void Add(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);

        if (!HttpGrammar.IsToken(name))
            throw new ArgumentException($"A header name is a token: {HttpGrammar.TokenCharacters}.", nameof(name));

        if (IsWrittenByServer(name))
            throw new ArgumentException($"The server writes {name} itself.", nameof(name));

        if (!HttpGrammar.IsSendableFieldValue(value))
            throw new ArgumentException("A header value holds visible ASCII, spaces and tabs; encode anything else.", nameof(value));

        _fields.Add(new KeyValuePair<string, string>(name, value));
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _fields.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool IsWrittenByServer(string name)
        => name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase)
            || name.ToUpperInvariant() is "UPGRADE" or "CONNECTION" or "CONTENT-LENGTH" or "CONTENT-TYPE" or "DATE" or "TRANSFER-ENCODING";
}
