namespace RawWs.SocketIO;

/// <summary>Takes the answers to a broadcast, from this server and from others. Thread-safe; what comes when nobody waits any more is ignored.</summary>
public interface IBroadcastAckReceiver
{
    /// <summary>A server has asked its sockets. Once for each server, also if it has none of them.</summary>
    /// <param name="socketCount">How many it has asked.</param>
    void Asked(int socketCount);

    /// <summary>One of them has answered.</summary>
    /// <param name="value">The first value of the answer; null if it had none.</param>
    void Answered(EventValue? value);

    /// <summary>One of them will not answer: it has gone.</summary>
    void Left();
}
