namespace RawWs.Load;

/// <summary>What is done with connections. Called on the loop's thread.</summary>
internal interface ILoadWork
{
    /// <summary>The opening handshake is done.</summary>
    void OnOpened(LoadConnection connection);

    /// <summary>So many more messages of the ring have come back, and each was right.</summary>
    void OnReplies(LoadConnection connection, int count);

    /// <summary>It is over.</summary>
    /// <param name="connection">Which can't be used any more.</param>
    /// <param name="failure">What was wrong; null after a closing handshake that we began.</param>
    void OnEnded(LoadConnection connection, string? failure);
}
