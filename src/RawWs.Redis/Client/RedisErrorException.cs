namespace RawWs.Redis;

/// <summary>Redis has answered with an error. The connection goes on.</summary>
public sealed class RedisErrorException : Exception
{
    /// <param name="message">What Redis says: a code and a text.</param>
    public RedisErrorException(string message)
        : base(message)
        => Code = message.Split(' ', 2)[0];

    /// <summary>The first word of what Redis says, such as <c>ERR</c>, <c>NOPERM</c> or <c>WRONGTYPE</c>.</summary>
    public string Code { get; }
}
