using System.Security.Cryptography;

namespace RawWs.Host;

/// <summary>
/// Messages of one size that are sent over and over, of letters by chance: each is a window over the same text that begins one letter further, so that many take hardly more
/// memory than one, and one that comes back in another's place is found out. Shared by all connections.
/// </summary>
/// <param name="size">Bytes of each message, from 1.</param>
/// <param name="count">How many there are: more than are under way.</param>
internal sealed class EchoPayloads(int size, int count)
{
    private readonly byte[] _text = RandomNumberGenerator.GetItems<byte>("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8, size + count - 1);

    public int Size => size;

    /// <param name="number">Which of all that are sent, counted from 0.</param>
    public ReadOnlyMemory<byte> Of(long number) => _text.AsMemory((int)(number % count), size);
}
