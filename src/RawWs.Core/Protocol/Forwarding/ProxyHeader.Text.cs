using System.Net;

namespace RawWs.Protocol;

// Version 1: "PROXY" SP ( "TCP4" / "TCP6" ) SP source SP destination SP source-port SP destination-port CRLF, or "PROXY UNKNOWN" and whatever, up to CRLF.
internal readonly partial record struct ProxyHeader
{
    /// <summary>§2.1: "a 108-byte buffer is always enough to store all the line and a trailing zero". Its end included.</summary>
    public const int MaxTextLength = 107;

    private static ReadOnlySpan<byte> TextBeginning => "PROXY "u8;

    /// <returns>The length of the header, 0 if it is not all there.</returns>
    private static int ReadText(ReadOnlySpan<byte> start, out ProxyHeader header)
    {
        CheckBeginning(start, TextBeginning);
        header = default;
        var line = start[..Math.Min(start.Length, MaxTextLength)];
        var lineFeed = line.IndexOf((byte)'\n');
        if (lineFeed < 0)
            return line.Length < MaxTextLength ? 0 : throw MalformedText();

        if (lineFeed < TextBeginning.Length || line[lineFeed - 1] != '\r')
            throw MalformedText();

        header = ReadFields(line[TextBeginning.Length..(lineFeed - 1)]);
        return lineFeed + 1;
    }

    private static ProxyHeader ReadFields(ReadOnlySpan<byte> text)
    {
        // "the receiver must ignore anything presented before the CRLF is found".
        if (text.SequenceEqual("UNKNOWN"u8) || text.StartsWith("UNKNOWN "u8))
            return default;

        var protocol = TakeField(ref text);
        var isIPv6 = protocol.SequenceEqual("TCP6"u8);
        if (!isIPv6 && !protocol.SequenceEqual("TCP4"u8))
            throw MalformedText();

        var source = ReadAddress(TakeField(ref text), isIPv6);
        var destination = ReadAddress(TakeField(ref text), isIPv6);
        var hasSourcePort = NodeName.TryReadPort(TakeField(ref text), out var sourcePort);

        // The last one has no space behind it: what is left is all of it.
        return source is not null && destination is not null && hasSourcePort && NodeName.TryReadPort(text, out _)
            ? new ProxyHeader(new IPEndPoint(source, sourcePort), IsSecure: false)
            : throw MalformedText();
    }

    private static ReadOnlySpan<byte> TakeField(ref ReadOnlySpan<byte> text)
    {
        var length = text.IndexOf((byte)' ');
        var field = length < 0 ? throw MalformedText() : text[..length];
        text = text[(length + 1)..];
        return field;
    }

    private static IPAddress? ReadAddress(ReadOnlySpan<byte> text, bool isIPv6) => isIPv6 ? NodeName.ReadIPv6(text) : NodeName.ReadIPv4(text);

    private static ProxyHeaderException MalformedText() => new("its PROXY protocol header (version 1) is malformed");
}
