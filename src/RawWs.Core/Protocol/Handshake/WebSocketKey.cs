using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace RawWs.Protocol;

/// <summary>The key of the opening handshake and the answer to it (RFC 6455 §4.2.1 item 5 and §4.2.2 item 5.4).</summary>
internal static class WebSocketKey
{
    /// <summary>The length of the base64 form of 16 bytes.</summary>
    public const int EncodedLength = 24;

    /// <summary>The length of the base64 form of a SHA-1 hash.</summary>
    public const int AcceptLength = 28;

    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>"A base64-encoded value that, when decoded, is 16 bytes in length."</summary>
    public static bool IsValid(ReadOnlySpan<byte> key)
    {
        Span<byte> decoded = stackalloc byte[18];
        return key.Length == EncodedLength
            && Base64.DecodeFromUtf8(key, decoded, out _, out var length) == OperationStatus.Done
            && length == 16;
    }

    /// <summary>Writes the value of <c>Sec-WebSocket-Accept</c>: the base64 form of the SHA-1 of the key and a fixed GUID.</summary>
    /// <param name="key">A valid key.</param>
    /// <param name="output">Room for <see cref="AcceptLength"/> bytes.</param>
    public static void WriteAccept(ReadOnlySpan<byte> key, Span<byte> output)
    {
        Span<byte> input = stackalloc byte[EncodedLength + 36];
        key.CopyTo(input);
        Guid.CopyTo(input[EncodedLength..]);

        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // SHA-1 is what §4.2.2 prescribes; it proves that the peer speaks WebSocket and protects nothing.
        SHA1.HashData(input, hash);
#pragma warning restore CA5350
        Base64.EncodeToUtf8(hash, output, out _, out _);
    }
}
