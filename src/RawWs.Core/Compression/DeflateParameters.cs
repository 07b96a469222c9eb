namespace RawWs.Compression;

/// <summary>What a client and the server have agreed on (RFC 7692 §7.1). Window sizes are powers of two.</summary>
/// <param name="ServerNoContextTakeover">Whether each of our messages is compressed by itself.</param>
/// <param name="ClientNoContextTakeover">Whether each of the client's messages is compressed by itself.</param>
/// <param name="ServerMaxWindowBits">How far back our messages may refer.</param>
/// <param name="ClientMaxWindowBits">How far back the client's messages may refer.</param>
internal readonly record struct DeflateParameters(
    bool ServerNoContextTakeover, bool ClientNoContextTakeover, int ServerMaxWindowBits, int ClientMaxWindowBits)
{
    /// <summary>The largest window that there is: 32 KiB.</summary>
    public const int MaxWindowBits = 15;
}
