using System.Security.Cryptography;

namespace RawWs.Redis.SocketIO;

/// <summary>What servers and their requests are known by.</summary>
internal static class AdapterId
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    /// <summary>A new one: six random letters.</summary>
    public static string New() => RandomNumberGenerator.GetString(Letters, 6);
}
