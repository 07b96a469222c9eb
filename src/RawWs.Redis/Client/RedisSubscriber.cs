namespace RawWs.Redis;

/// <summary>Whoever subscribes. Its methods are called one after the other, on the thread that reads from Redis: they must not wait, and what they throw is logged and counted.</summary>
public abstract class RedisSubscriber
{
    /// <summary>
    /// Redis has confirmed the subscription: what is published from now on arrives. Called at first, and again each time that the connection had been lost; what was
    /// published between is lost.
    /// </summary>
    public virtual void OnConfirmed()
    {
        // Not everybody minds.
    }

    /// <summary>The connection is lost: nothing arrives until the next confirmation.</summary>
    public virtual void OnInterrupted()
    {
        // Not everybody minds.
    }

    /// <summary>Something was published.</summary>
    public abstract void OnMessage(RedisMessage message);

    /// <summary>Redis has refused the subscription.</summary>
    /// <returns>Whether that is taken care of; if not, it is logged, and told to who waits.</returns>
    internal virtual bool TryTakeRefusal(RedisErrorException error) => false;
}
