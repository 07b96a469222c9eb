namespace RawWs.Redis;

/// <summary>Redis could not be asked, or its answer was lost with the connection. A new connection is made meanwhile.</summary>
public sealed class RedisUnavailableException : IOException
{
    /// <param name="message">What is the matter.</param>
    /// <param name="innerException">Why.</param>
    public RedisUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Whether it is known that nothing was sent: what was asked for is not executed.</summary>
    internal bool IsUnsent { get; init; }
}
