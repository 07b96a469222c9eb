namespace RawWs.SocketIO.Protocol;

/// <summary>What packets look like to one client.</summary>
/// <param name="IsLegacy">Whether it speaks protocol 3 of Engine.IO, and not 4.</param>
/// <param name="TakesBinary">Whether bytes come as bytes where the transport has them; otherwise always as base64.</param>
internal readonly record struct PacketFormat(bool IsLegacy, bool TakesBinary)
{
    /// <summary>That of nearly all clients.</summary>
    public static readonly PacketFormat Usual = new(IsLegacy: false, TakesBinary: true);
}
