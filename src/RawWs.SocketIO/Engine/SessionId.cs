using System.Buffers.Text;
using System.Security.Cryptography;

namespace RawWs.SocketIO.Engine;

/// <summary>Ids of sessions and sockets: that of a session is a secret, for who knows it may speak in its name.</summary>
internal static class SessionId
{
    private const int ByteCount = 15;

    /// <summary>120 random bits as 20 characters of URL-safe base64.</summary>
    public static string New()
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
