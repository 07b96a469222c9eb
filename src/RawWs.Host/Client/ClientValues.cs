using System.Buffers;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Host;

/// <summary>Reads the values of the options of clients. A value that is wrong adds an error that says what to write instead.</summary>
internal static class ClientValues
{
    private const string PlainScheme = "ws://", SecureScheme = "wss://";

    // RFC 9110 §5.6.2: what names of fields and subprotocols are made of.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // What the handshake itself says: a second opinion would only confuse it.
    private static readonly string[] HandshakeFields =
        ["Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Content-Length", "Transfer-Encoding"];

    public static Uri? Url(ArgumentResult argument)
    {
        var text = ValueOf(argument);
        if (Advice(text) is { } advice)
            return Refuse<Uri>(argument, advice);

        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url);
        if (!isUrl || url!.Host.Length == 0)
            return Refuse<Uri>(argument, $"'{text}' is no address; write it as ws://localhost:{HostOptions.DefaultPort}/echo.");
        if (url.UserInfo.Length > 0)
            return Refuse<Uri>(argument, "An address with a name or a password in it is not taken; leave them out, and write --header 'Authorization: Basic …'.");

        // RFC 6455 §3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used".
        return text.Contains('#', StringComparison.Ordinal) ? Refuse<Uri>(argument, $"'{text}' has a fragment; leave out '#' and what follows, or write %23 for it.") : url;
    }

    public static int? Count(ArgumentResult argument)
        => int.TryParse(ValueOf(argument), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : Refuse<int?>(argument, $"{NameOf(argument)} takes a number from 1, such as 10; '{ValueOf(argument)}' is none.");

    public static int? Size(ArgumentResult argument)
        => ByteSize.TryParse(ValueOf(argument), 1 << 30, out var size)
            ? (int)size
            : Refuse<int?>(argument, $"{NameOf(argument)} takes a number of bytes such as 64, 16K or 1M, from 1 to 1G; '{ValueOf(argument)}' is none.");

    public static TimeSpan? PositiveSeconds(ArgumentResult argument)
        => OptionValues.TryParseSeconds(ValueOf(argument), out var time) && time > TimeSpan.Zero
            ? time
            : Refuse<TimeSpan?>(argument, $"{NameOf(argument)} takes a number of seconds above 0, up to 86400, such as 10 or 0.5; '{ValueOf(argument)}' is none.");

    public static X509Certificate2Collection? Certificates(ArgumentResult argument)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(ValueOf(argument));
            return certificates.Count > 0 ? certificates : Refuse<X509Certificate2Collection>(argument, $"'{ValueOf(argument)}' holds no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return Refuse<X509Certificate2Collection>(argument, $"--ca takes a file with certificates in PEM form; '{ValueOf(argument)}' is none: {error.Message}");
        }
    }

    public static void CheckHeaders(OptionResult result)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var text in result.Tokens.Select(token => token.Value))
        {
            // Values may be secrets: only names are said again.
            var name = text.Split(':')[0].Trim();
            if (!text.Contains(':', StringComparison.Ordinal) || !IsToken(name) || text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                result.AddError("--header takes a name and a value of ASCII characters, such as 'Authorization: Bearer TOKEN'.");
            else if (HandshakeFields.Contains(name, StringComparer.OrdinalIgnoreCase))
                result.AddError($"--header can't set {name}, which the handshake sets itself; for subprotocols there is --subprotocol, for compression --compress.");
            else if (!names.Add(name))
                result.AddError($"--header sets {name} twice; write both values into one, as that field puts them beside each other.");
        }
    }

    /// <param name="text">One that has been checked.</param>
    public static KeyValuePair<string, string> HeaderOf(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new(text[..colon].Trim(), text[(colon + 1)..].Trim());
    }

    public static void CheckSubprotocols(OptionResult result)
    {
        string[] names = [.. result.Tokens.Select(token => token.Value)];
        if (Array.Find(names, name => !IsToken(name)) is { } wrong)
            result.AddError($"--subprotocol takes one name without spaces and commas, such as chat.v1, and may be given several times; '{wrong}' is none.");
        else if (names.Distinct(StringComparer.Ordinal).Count() < names.Length)
            result.AddError("--subprotocol names the same one twice; name it once.");
    }

    private static string? Advice(string text)
    {
        if (StartsWith(PlainScheme) || StartsWith(SecureScheme))
            return null;
        if (StartsWith("http://"))
            return $"A WebSocket's address begins with ws:// and not with http://; write {PlainScheme}{text["http://".Length..]}";
        if (StartsWith("https://"))
            return $"A WebSocket's address begins with wss:// and not with https://; write {SecureScheme}{text["https://".Length..]}";

        return text.Contains("://", StringComparison.Ordinal)
            ? $"'{text}' is no WebSocket's address, which begins with ws:// or wss://."
            : $"'{text}' has no scheme; write {PlainScheme}{text}, or {SecureScheme}{text} for TLS.";

        bool StartsWith(string scheme) => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsToken(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static string NameOf(ArgumentResult argument) => ((OptionResult)argument.Parent!).Option.Name; // The argument of an option.

    private static string ValueOf(ArgumentResult argument) => argument.Tokens[0].Value;

    private static T? Refuse<T>(ArgumentResult argument, string message)
    {
        argument.AddError(message);
        return default;
    }
}
