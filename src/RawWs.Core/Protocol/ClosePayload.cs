using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace RawWs.Protocol;

/// <summary>
/// The body of a close frame (RFC 6455 §5.5.1): nothing, or a 2-byte close code in network byte order followed by a reason in UTF-8.
/// </summary>
/// <param name="Code">The code; <see cref="CloseCode.NoStatusReceived"/> stands for a body without one (§7.1.5).</param>
/// <param name="Reason">The reason, empty if there is none.</param>
internal readonly record struct ClosePayload(CloseCode Code, string Reason)
{
    /// <summary>What is left of a control frame's 125 bytes after the code.</summary>
    public const int MaxReasonLength = FrameHeader.MaxShortPayloadLength - sizeof(ushort);

    /// <summary>Reads the body of a close frame.</summary>
    /// <exception cref="ProtocolViolationException">The body is one byte long, its code must not be sent, or its reason is not UTF-8.</exception>
    public static ClosePayload Read(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return new ClosePayload(CloseCode.NoStatusReceived, "");

        if (body.Length < sizeof(ushort))
            throw new ProtocolViolationException(CloseCode.ProtocolError, "a close code has two bytes");

        var code = (CloseCode)BinaryPrimitives.ReadUInt16BigEndian(body);
        if (!code.IsAllowedOnWire)
            throw new ProtocolViolationException(CloseCode.ProtocolError, "this close code must not be sent");

        var reason = body[sizeof(ushort)..];
        if (!Utf8.IsValid(reason))
            throw new ProtocolViolationException(CloseCode.InvalidPayloadData, "the close reason is not valid UTF-8");

        return new ClosePayload(code, Encoding.UTF8.GetString(reason));
    }

    /// <summary>Writes the body into <paramref name="output"/>, which has room for 125 bytes.</summary>
    /// <returns>The length of what was written: 0 for <see cref="CloseCode.NoStatusReceived"/>.</returns>
    public int Write(Span<byte> output)
    {
        if (Code == CloseCode.NoStatusReceived)
            return 0;

        BinaryPrimitives.WriteUInt16BigEndian(output, (ushort)Code);
        return sizeof(ushort) + Encoding.UTF8.GetBytes(Reason, output[sizeof(ushort)..]);
    }

    /// <summary>Checks what an application wants to send.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="code"/> must not stand in a close frame.</exception>
    /// <exception cref="ArgumentException"><paramref name="reason"/> takes more than 123 bytes as UTF-8.</exception>
    public static void ThrowIfNotSendable(CloseCode code, string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);

        if (!code.IsAllowedOnWire)
            throw new ArgumentOutOfRangeException(nameof(code), code, "A close frame carries 1000–1003, 1007–1014 or 3000–4999; use 4000–4999 for codes of your own.");

        if (Encoding.UTF8.GetByteCount(reason) > MaxReasonLength)
            throw new ArgumentException($"A close reason has at most {MaxReasonLength} bytes as UTF-8; shorten it.", nameof(reason));
    }
}
