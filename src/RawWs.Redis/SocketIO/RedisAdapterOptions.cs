namespace RawWs.Redis;

/// <summary>How the servers of a cluster of Socket.IO talk to each other. The same on all of them.</summary>
public sealed class RedisAdapterOptions
{
    /// <summary>What the names of all channels begin with. Default <c>socket.io</c>, as everywhere.</summary>
    public string Key
    {
        get;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            field = value;
        }
    } = "socket.io";

    /// <summary>How long other servers are waited for that are asked for their sockets or rooms. Default 5 s.</summary>
    public TimeSpan RequestTimeout
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a server is answered on a channel of its own, so that no other has to read it; all versions understand that. Default false, as in Node.</summary>
    public bool PublishOnSpecificResponseChannel { get; set; }
}
