namespace RawWs.Connections;

/// <summary>How far a peer is behind with what it is sent. Of most connections all of this is nothing, so it is apart from what every message needs, which lies together.</summary>
internal struct PeerLag()
{
    /// <summary>Since when the network has refused to take more, in the wheel's time; <see cref="long.MaxValue"/> if it has not.</summary>
    public long BlockedSince = long.MaxValue;

    /// <summary>How much it had taken then.</summary>
    public long LengthWhenBlocked;

    /// <summary>Bytes of direct sends that wait, or that the network has not taken yet. They are their senders' own.</summary>
    public long DirectBytes;

    /// <summary>Bytes that wait in the queue or for a turn, or that the network has not taken yet.</summary>
    public long QueuedBytes;

    /// <summary>How many messages it has lost.</summary>
    public long DroppedCount;
}
