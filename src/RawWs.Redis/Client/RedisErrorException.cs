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

    /// <summary>Whether it is what Redis says while it starts, is full, or changes its part in a cluster: later it may do what was asked.</summary>
    internal bool IsPassing
        => Code is "LOADING" or "BUSY" or "TRYAGAIN" or "OOM" or "MISCONF" or "READONLY" or "MASTERDOWN" or "CLUSTERDOWN" or "NOREPLICAS";
}
