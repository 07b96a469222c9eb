namespace RawWs.Redis.Client;

/// <summary>An answer that Redis still owes. It is given to whoever asked on the thread that reads.</summary>
internal abstract class PendingReply
{
    /// <summary>Bytes of the command, at most.</summary>
    public long Size { get; set; }

    /// <summary>When it was handed to the connection.</summary>
    public long SentAt { get; set; }

    /// <summary>Whether there will be none, for what comes next is the answer to the next command. Called before <see cref="Complete"/>, under the connection's lock.</summary>
    public virtual bool IsSkippedBy(RespValue next) => false;

    /// <summary>The answer has come; it may be an error.</summary>
    /// <exception cref="Resp.RespProtocolException">It is none to this command.</exception>
    public abstract void Complete(RespValue value);

    /// <summary>It will not come.</summary>
    public abstract void Fail(RedisUnavailableException error);
}
