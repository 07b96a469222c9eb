namespace RawWs.Redis.Client;

/// <summary>What a connection is for. Its methods are called one after the other, and must neither wait nor throw.</summary>
internal interface ILinkTenant
{
    /// <summary>Whether answers may be late while other things come, because they are behind these.</summary>
    bool MayAnswerLate { get; }

    /// <summary>Takes what is no answer to a command.</summary>
    /// <returns>Whether it was such.</returns>
    bool TryTake(RespValue value);

    /// <summary>There is a connection.</summary>
    void OnOpened(RedisConnection connection);

    /// <summary>It has ended: nothing comes from it any more.</summary>
    void OnLost();
}
