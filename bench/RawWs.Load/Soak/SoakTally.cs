namespace RawWs.Load;

/// <summary>What has been done and seen. Every field is changed with <see cref="Interlocked"/> only.</summary>
internal sealed class SoakTally
{
    public long Cycles;
    public long Bursts;
    public long Floods;
    public long FloodsClosed;
    public long FloodBytes;
    public long Resets;
    public long SilentPeers;
    public long SilentPeersEnded;
    public long SlowReaders;
    public long SlowReadersEnded;
    public long Visits;
    public long Published;
    public long Checked;
    public long Lost;
    public long OutOfOrder;

    /// <summary>What must not happen to those who behave, and what must happen to those who do not.</summary>
    public Failures Failures { get; } = new();
}
