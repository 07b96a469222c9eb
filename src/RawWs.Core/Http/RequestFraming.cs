using System.Globalization;
using System.Net;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Http;

/// <summary>
/// Where the body of a request ends (RFC 9112 §6). Whoever could read this in two ways is refused: that two parties see different ends is what request smuggling
/// is made of.
/// </summary>
/// <param name="IsChunked">Whether it comes in chunks, of unknown number.</param>
/// <param name="Length">Bytes in the body, if it does not come in chunks; 0 if there is none.</param>
internal readonly record struct RequestFraming(bool IsChunked, long Length)
{
    /// <summary>Whether there is a body.</summary>
    public bool HasBody => IsChunked || Length > 0;

    /// <summary>Reads the framing of a request.</summary>
    /// <exception cref="RequestRefusedException">It is missing where it must be, malformed, contradictory, or not one that we know.</exception>
    public static RequestFraming Of(RequestHead head)
    {
        var lengthCount = head.CountOf("Content-Length"u8);
        var codingCount = head.CountOf("Transfer-Encoding"u8);

        if (codingCount > 0)
        {
            // Stricter than RFC 9112 §6.3, which lets Transfer-Encoding win: no client of good will sends both. §6.1: HTTP/1.0 has no such field.
            if (lengthCount > 0 || codingCount > 1 || head.IsHttp10)
                throw Refused("the length of the body is ambiguous");

            CheckCoding(head.ValueOf(head.IndexOf("Transfer-Encoding"u8)));
            return new RequestFraming(IsChunked: true, Length: 0);
        }

        // Stricter than §6.3 too, which lets equal ones pass.
        if (lengthCount > 1)
            throw Refused("the length of the body is ambiguous");

        return new RequestFraming(IsChunked: false, lengthCount == 0 ? 0 : ReadLength(head.ValueOf(head.IndexOf("Content-Length"u8))));
    }

    private static void CheckCoding(ReadOnlySpan<byte> coding)
    {
        if (Ascii.EqualsIgnoreCase(coding, "chunked"u8))
            return;

        // §6.1: "A server that receives a request message with a transfer coding it does not understand SHOULD respond with 501". What almost says chunked is
        // a disguise.
        throw HttpGrammar.IsToken(coding) && !Ascii.EqualsIgnoreCase(coding, "identity"u8)
            ? new RequestRefusedException(HttpStatusCode.NotImplemented, "the only transfer coding here is chunked")
            : Refused("the transfer coding is malformed");
    }

    // RFC 9110 §8.6: Content-Length = 1*DIGIT. No sign, no list, no white space.
    private static long ReadLength(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            throw Refused("Content-Length is a decimal number");

        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new RequestRefusedException(HttpStatusCode.RequestEntityTooLarge, "the body is too large");
    }

    private static RequestRefusedException Refused(string reason) => new(HttpStatusCode.BadRequest, reason);
}
