using RawWs.SocketIO;

namespace RawWs.Fuzz;

/// <summary>Whoever has asked, and does not care.</summary>
internal sealed class IgnoredAcks : IBroadcastAckReceiver
{
    /// <inheritdoc/>
    public void Asked(int socketCount) => FindingException.ThrowUnless(socketCount >= 0, $"{socketCount} sockets were asked");

    /// <inheritdoc/>
    public void Answered(EventValue? value)
    {
        // Whatever it is.
    }

    /// <inheritdoc/>
    public void Left()
    {
        // As above.
    }
}
