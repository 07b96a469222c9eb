using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace RawWs.Protocol;

/// <summary>
/// What a proxy calls somebody. In <c>Forwarded</c> (RFC 7239 §6):
/// <code>
/// node      = nodename [ ":" node-port ]
/// nodename  = IPv4address / "[" IPv6address "]" / "unknown" / obfnode
/// node-port = 1*5DIGIT / obfport
/// </code>
/// In <c>X-Forwarded-For</c> the same, and IPv6 without brackets.
/// </summary>
internal static class NodeName
{
    /// <summary>The longest IPv6 address in text: eight groups, of which the last two are written as IPv4.</summary>
    private const int MaxIPv6Length = 45;

    private static readonly SearchValues<byte> IPv6Bytes = SearchValues.Create(":.0123456789abcdefABCDEF"u8);
    private static readonly SearchValues<byte> ObfuscatedBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"u8);

    /// <summary>Reads the name of somebody who has an address.</summary>
    /// <param name="text">The name, without white space around it.</param>
    /// <param name="allowBareIPv6">Whether IPv6 may stand without brackets, and then without a port.</param>
    /// <returns>
    /// The address, with port 0 if none is told; null if this is nobody's: <c>unknown</c>, an obfuscated name, or something that is not well-formed, of which nothing is
    /// taken.
    /// </returns>
    public static IPEndPoint? Read(ReadOnlySpan<byte> text, bool allowBareIPv6)
    {
        if (allowBareIPv6 && ReadIPv6(text) is { } bare)
            return new IPEndPoint(bare, 0);

        var nameLength = text.StartsWith("["u8) ? text.IndexOf((byte)']') + 1 : text.IndexOf((byte)':');
        var name = nameLength < 0 ? text : text[..nameLength];
        var address = name.StartsWith("["u8) ? ReadIPv6(name[1..^1]) : ReadIPv4(name);
        return address is not null && TryReadPortPart(text[name.Length..], out var port) ? new IPEndPoint(address, port) : null;
    }

    /// <summary>Four numbers in decimal and nothing else: no <c>127.1</c>, no leading zeros, which some take for octal.</summary>
    /// <returns>Null if it is none.</returns>
    public static IPAddress? ReadIPv4(ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        foreach (var range in text.Split((byte)'.'))
        {
            var part = text[range];
            if (count == bytes.Length || !IsNumber(part) || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[count]))
                return null;

            count++;
        }

        return count == bytes.Length ? new IPAddress(bytes) : null;
    }

    /// <summary>An IPv6 address without brackets and zone, as IPv4 if it is that mapped into IPv6.</summary>
    /// <returns>Null if it is none.</returns>
    public static IPAddress? ReadIPv6(ReadOnlySpan<byte> text)
    {
        // The runtime's parser takes more than addresses: zones, prefixes, ports.
        if (text.Length > MaxIPv6Length || !text.Contains((byte)':') || text.ContainsAnyExcept(IPv6Bytes))
            return null;

        Span<char> characters = stackalloc char[MaxIPv6Length];
        var length = Encoding.ASCII.GetChars(text, characters);
        if (!IPAddress.TryParse(characters[..length], out var address))
            return null;

        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>A number from 0 to 65535 in decimal, without leading zeros.</summary>
    public static bool TryReadPort(ReadOnlySpan<byte> text, out int port)
    {
        port = 0;
        return IsNumber(text) && text.Length <= 5 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort;
    }

    private static bool IsNumber(ReadOnlySpan<byte> text) => !text.IsEmpty && (text.Length == 1 || text[0] != '0');

    // An obfuscated port hides the port and not the address.
    private static bool TryReadPortPart(ReadOnlySpan<byte> text, out int port)
    {
        port = 0;
        if (text.IsEmpty)
            return true;

        if (text[0] != ':')
            return false;

        return text.Length > 2 && text[1] == '_' ? !text[2..].ContainsAnyExcept(ObfuscatedBytes) : TryReadPort(text[1..], out port);
    }
}
