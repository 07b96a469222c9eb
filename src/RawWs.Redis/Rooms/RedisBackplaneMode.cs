namespace RawWs.Redis;

/// <summary>How broadcasts get from node to node.</summary>
public enum RedisBackplaneMode
{
    /// <summary>
    /// Over a channel: nothing is stored, and what is published while a node is not connected is lost to it, which it knows when it is connected again.
    /// </summary>
    PubSub,

    /// <summary>
    /// Over a stream, whose newest entries Redis keeps: a node that was not connected catches up, and knows it if that is not possible any more.
    /// </summary>
    Streams,

    /// <summary>As <see cref="PubSub"/>, over a sharded channel of Redis 7: in a Redis Cluster what is published stays with the master of the channel.</summary>
    Sharded,
}
