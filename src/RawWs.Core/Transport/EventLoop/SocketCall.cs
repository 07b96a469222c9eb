namespace RawWs.Transport;

/// <summary>
/// One of several calls that are made in a row, each on another socket. A call runs so much of the system's code that little of ours is left in the processor's caches after it: in a row, a little is
/// all that it takes.
/// </summary>
/// <param name="socket">The socket's number, its own until the calls have been made; that of no socket if it has been closed.</param>
/// <param name="bytes">What is received into, or sent.</param>
internal struct SocketCall(int socket, ArraySegment<byte> bytes)
{
    /// <summary>The socket's number.</summary>
    public readonly int Socket => socket;

    /// <summary>What is received into, or sent.</summary>
    public readonly ArraySegment<byte> Bytes => bytes;

    /// <summary>How many bytes were received or sent; or an error, its number negated.</summary>
    public int Result { get; set; }
}
