namespace RawWs.Transport;

/// <summary>
/// One of several calls that are made in a row, each on another socket. A call runs so much of the system's code that little of ours is left in the processor's caches after it: in a row, a little is
/// all that it takes.
/// </summary>
/// <remarks>Written field by field where it lies: a copy of what has just been written would have to wait for it.</remarks>
internal struct SocketCall
{
    /// <summary>Where the bytes lie.</summary>
    public byte[]? Array;

    /// <summary>The first of the bytes in <see cref="Array"/>, and how many there are.</summary>
    public int Offset, Count;

    /// <summary>The socket's number, its own until the calls have been made; that of no socket if it has been closed.</summary>
    public int Socket;

    /// <summary>How many bytes were received or sent; or an error, its number negated.</summary>
    public int Result;

    /// <summary>What is received into, or sent.</summary>
    public readonly Span<byte> Bytes => new(Array, Offset, Count);

    /// <summary>Says what is received into, or sent.</summary>
    public void Move(in ArraySegment<byte> bytes) => (Array, Offset, Count) = (bytes.Array, bytes.Offset, bytes.Count);
}
