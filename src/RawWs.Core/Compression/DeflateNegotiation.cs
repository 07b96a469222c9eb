using System.Globalization;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Compression;

/// <summary>
/// Which of a client's offers of permessage-deflate the server takes (RFC 7692 §5 and §7.1): the first, for they come in the client's order of
/// preference, that is well-formed and that zlib can honour. An offer that is not is declined, and nothing else.
/// </summary>
internal static class DeflateNegotiation
{
    private const string ExtensionName = "permessage-deflate";
    private const int MinWindowBits = 8, MaxWindowBits = 15;

    /// <summary>Chooses an offer.</summary>
    /// <param name="offers">All extensions that the client offers.</param>
    /// <param name="mode">Not <see cref="CompressionMode.Off"/>.</param>
    /// <param name="serverWindowBits">The largest window that we compress with, and want to be compressed with.</param>
    /// <param name="response">What to answer; empty if no offer is taken.</param>
    public static DeflateParameters? Choose(IEnumerable<ExtensionOffer> offers, CompressionMode mode, int serverWindowBits, out string response)
    {
        foreach (var offer in offers)
        {
            if (offer.Name.Equals(ExtensionName, StringComparison.OrdinalIgnoreCase) && TryRead(offer) is { } wanted && wanted.ServerBits >= Deflater.MinWindowBits)
                return Accept(wanted, mode, serverWindowBits, out response);
        }

        response = "";
        return null;
    }

    private static DeflateParameters Accept(Wanted wanted, CompressionMode mode, int serverWindowBits, out string response)
    {
        var isShared = mode == CompressionMode.Shared;

        // §7.1.2.2: a server may limit a client's window only if the client has said that it understands that.
        var agreed = new DeflateParameters(
            ServerNoContextTakeover: isShared || wanted.ServerNoContextTakeover,
            ClientNoContextTakeover: isShared || wanted.ClientNoContextTakeover,
            ServerMaxWindowBits: Math.Min(wanted.ServerBits, serverWindowBits),
            ClientMaxWindowBits: wanted.ClientBits is { } bits ? Math.Min(bits, serverWindowBits) : MaxWindowBits);

        var text = new StringBuilder(ExtensionName);
        if (agreed.ServerNoContextTakeover)
            text.Append("; server_no_context_takeover");

        if (agreed.ClientNoContextTakeover)
            text.Append("; client_no_context_takeover");

        if (agreed.ServerMaxWindowBits < MaxWindowBits || wanted.HasServerBits)
            text.Append(CultureInfo.InvariantCulture, $"; server_max_window_bits={agreed.ServerMaxWindowBits}");

        if (agreed.ClientMaxWindowBits < MaxWindowBits)
            text.Append(CultureInfo.InvariantCulture, $"; client_max_window_bits={agreed.ClientMaxWindowBits}");

        response = text.ToString();
        return agreed;
    }

    /// <returns>Null if the offer has an unknown parameter, one twice, or one with a value that it can't have (§7.1: it is to be declined).</returns>
    private static Wanted? TryRead(ExtensionOffer offer)
    {
        var wanted = new Wanted(false, false, false, MaxWindowBits, null);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

        foreach (var (name, value) in offer.Parameters)
        {
            if (!seen.Add(name) || With(wanted, name, value) is not { } next)
                return null;

            wanted = next;
        }

        return wanted;
    }

    private static Wanted? With(Wanted wanted, string name, string? value) => (name.ToLowerInvariant(), value) switch
    {
        ("server_no_context_takeover", null) => wanted with { ServerNoContextTakeover = true },
        ("client_no_context_takeover", null) => wanted with { ClientNoContextTakeover = true },
        ("server_max_window_bits", not null) when WindowBitsOf(value) is { } bits => wanted with { HasServerBits = true, ServerBits = bits },
        ("client_max_window_bits", null) => wanted with { ClientBits = MaxWindowBits },
        ("client_max_window_bits", not null) when WindowBitsOf(value) is { } bits => wanted with { ClientBits = bits },
        _ => null,
    };

    // §7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15, inclusive".
    private static int? WindowBitsOf(string value)
        => value is [>= '1' and <= '9', ..] && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits is >= MinWindowBits and <= MaxWindowBits
            ? bits
            : null;

    private readonly record struct Wanted(
        bool ServerNoContextTakeover, bool ClientNoContextTakeover, bool HasServerBits, int ServerBits, int? ClientBits);
}
