using System.Buffers;
using System.Net;

namespace RawWs.Protocol;

/// <summary>
/// What a proxy says about a connection before the connection's own first byte: the header of the PROXY protocol (HAProxy's <c>proxy-protocol.txt</c>), version 1 in text
/// (§2.1) or version 2 in binary (§2.2).
/// </summary>
/// <param name="Source">Who has connected to the proxy; null if that is nobody (the proxy itself asks) or has no IP address.</param>
/// <param name="IsSecure">Whether the proxy says that it speaks TLS with its client.</param>
internal readonly partial record struct ProxyHeader(IPEndPoint? Source, bool IsSecure)
{
    /// <summary>Reads the header and moves <paramref name="input"/> past it.</summary>
    /// <returns>
    /// <see langword="false"/>, with <paramref name="input"/> untouched, if the header is not all there yet: the caller offers it again from the same start, with more
    /// behind it.
    /// </returns>
    /// <exception cref="ProxyHeaderException">No continuation of these bytes could be a header.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> input, out ProxyHeader header)
    {
        Span<byte> scratch = stackalloc byte[MaxTextLength];
        var start = Peek(input, scratch);
        header = default;
        if (start.IsEmpty)
            return false;

        var length = start[0] == Signature[0] ? ReadBinary(start, input, out header) : ReadText(start, out header);
        if (length == 0)
            return false;

        input = input.Slice(length);
        return true;
    }

    private static ReadOnlySpan<byte> Peek(in ReadOnlySequence<byte> input, Span<byte> scratch)
    {
        if (input.IsSingleSegment || input.FirstSpan.Length >= scratch.Length)
            return input.FirstSpan;

        var prefix = input.Slice(0, Math.Min(input.Length, scratch.Length));
        prefix.CopyTo(scratch);
        return scratch[..(int)prefix.Length];
    }

    // What comes is compared as far as it goes: nobody is waited for who says something else.
    private static void CheckBeginning(ReadOnlySpan<byte> start, ReadOnlySpan<byte> expected)
    {
        var length = Math.Min(start.Length, expected.Length);
        if (!start[..length].SequenceEqual(expected[..length]))
            throw new ProxyHeaderException("it does not begin with a PROXY protocol header");
    }
}
