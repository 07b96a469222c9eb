using System.Globalization;

namespace RawWs.Conformance;

/// <summary>permessage-deflate as the server's answer has settled it, and the state of its direction.</summary>
internal sealed class DeflateSession
{
    private readonly Inflater _inflater;

    private DeflateSession(IReadOnlyDictionary<string, string?> parameters)
    {
        ServerNoContextTakeover = parameters.ContainsKey("server_no_context_takeover");
        ClientNoContextTakeover = parameters.ContainsKey("client_no_context_takeover");
        ServerMaxWindowBits = Bits(parameters, "server_max_window_bits");
        ClientMaxWindowBits = Bits(parameters, "client_max_window_bits");
        _inflater = new Inflater(ServerMaxWindowBits ?? 15, !ServerNoContextTakeover);
    }

    public bool ServerNoContextTakeover { get; }

    public bool ClientNoContextTakeover { get; }

    public int? ServerMaxWindowBits { get; }

    public int? ClientMaxWindowBits { get; }

    /// <summary>How far back the server's data has referred so far.</summary>
    public int FarthestDistance => _inflater.FarthestDistance;

    public static DeflateSession? FromResponse(string? extensions)
    {
        if (extensions is null)
            return null;

        if (extensions.Contains(',', StringComparison.Ordinal))
            throw VerdictException.Failed($"the server accepted more than one extension: “{extensions}”");

        var parts = extensions.Split(';', StringSplitOptions.TrimEntries);
        if (parts[0] != "permessage-deflate")
            throw VerdictException.Failed($"the server accepted an extension that was not offered: “{parts[0]}” (RFC 6455 §9.1)");

        var parameters = new Dictionary<string, string?>();
        foreach (var part in parts.Skip(1))
        {
            var pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (!parameters.TryAdd(pair[0], pair.Length == 1 ? null : pair[1].Trim('"')))
                throw VerdictException.Failed($"the server's answer has {pair[0]} twice (RFC 7692 §7.1)");
            if (pair[0] is not ("server_no_context_takeover" or "client_no_context_takeover" or "server_max_window_bits" or "client_max_window_bits"))
                throw VerdictException.Failed($"the server's answer has the undefined parameter “{pair[0]}” (RFC 7692 §7.1)");
            if (pair[0].EndsWith("takeover", StringComparison.Ordinal) && pair.Length != 1)
                throw VerdictException.Failed($"the server's answer gives {pair[0]} a value (RFC 7692 §7.1.1)");
        }

        return new DeflateSession(parameters);
    }

    public byte[] Inflate(ReadOnlySpan<byte> payload) => _inflater.Inflate(payload);

    private static int? Bits(IReadOnlyDictionary<string, string?> parameters, string name)
    {
        if (!parameters.TryGetValue(name, out var text))
            return null;

        // RFC 7692 §7.1.2: "a decimal integer value without leading zeroes between 8 to 15, inclusive".
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is >= 8 and <= 15 && text[0] != '0'
            ? bits
            : throw VerdictException.Failed($"the server's answer has {name}=“{text}” (RFC 7692 §7.1.2: 8 to 15)");
    }
}
