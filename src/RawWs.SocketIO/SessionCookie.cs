using System.Text;

namespace RawWs.SocketIO;

/// <summary>A cookie with the id of a connection, so that load balancers can send all its requests to the same server. The server itself never reads it. Immutable.</summary>
public sealed record SessionCookie
{
    private const string Symbols = "!#$%&'*+-.^_`|~";

    /// <summary>Its name. Default <c>io</c>.</summary>
    /// <exception cref="ArgumentException">It is no token (RFC 9110 §5.6.2).</exception>
    public string Name
    {
        get;
        init => field = value is { Length: > 0 } && value.All(letter => char.IsAsciiLetterOrDigit(letter) || Symbols.Contains(letter, StringComparison.Ordinal))
            ? value
            : throw new ArgumentException("The name of a cookie is letters, digits and !#$%&'*+-.^_`|~.", nameof(Name));
    } = "io";

    /// <summary>Where it is sent to. Default <c>/</c>; null leaves that to the browser.</summary>
    public string? Path { get; init => field = Attribute(value); } = "/";

    /// <summary>The hosts that it is sent to. Default: null, this one only.</summary>
    public string? Domain { get; init => field = Attribute(value); }

    /// <summary>How long it is kept. Default: null, until the browser is closed.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Whether scripts can't read it. Default: yes.</summary>
    public bool HttpOnly { get; init; } = true;

    /// <summary>Whether it is only sent over TLS. Default: no. Browsers want it where <see cref="SameSite"/> is <c>None</c>.</summary>
    public bool Secure { get; init; }

    /// <summary>What other sites may have it sent for: <c>Lax</c> (the default), <c>Strict</c> or <c>None</c>; null leaves that to the browser.</summary>
    public string? SameSite { get; init => field = Attribute(value); } = "Lax";

    /// <summary>The value of <c>Set-Cookie</c>.</summary>
    internal string For(string sessionId)
    {
        var text = new StringBuilder($"{Name}={Uri.EscapeDataString(sessionId)}");
        if (MaxAge is { } age)
            text.Append($"; Max-Age={(long)age.TotalSeconds}");

        if (Domain is not null)
            text.Append($"; Domain={Domain}");

        if (Path is not null)
            text.Append($"; Path={Path}");

        if (HttpOnly)
            text.Append("; HttpOnly");

        if (Secure)
            text.Append("; Secure");

        return SameSite is null ? text.ToString() : $"{text}; SameSite={SameSite}";
    }

    // A semicolon would begin another attribute.
    private static string? Attribute(string? value)
        => value is null || (value.Length > 0 && Ascii.IsValid(value) && !value.Any(letter => letter is ';' or < ' ' or '\x7F'))
            ? value
            : throw new ArgumentException("An attribute of a cookie is visible ASCII without semicolons.", nameof(value));
}
