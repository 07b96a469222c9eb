namespace RawWs.Http;

/// <summary>The deadlines of whoever owns a connection, for what an exchange waits for on it. One at a time.</summary>
internal interface IExchangeDeadlines
{
    /// <summary>Whether the body has taken too long. A read that waits for it has been, or is about to be, cancelled.</summary>
    bool IsLate { get; }

    /// <summary>From now on the client has a time to send its body to the end.</summary>
    void BeginBody();

    /// <summary>From now on the network has a time to take what is sent, or the connection is aborted.</summary>
    void BeginWrite();

    /// <summary>Nobody is waited for any more.</summary>
    void End();
}
