namespace RawWs.Redis.Resp;

/// <summary>What a server may send. Whatever goes beyond is a violation of the protocol, and ends the connection.</summary>
internal sealed record RespLimits
{
    /// <summary>Collections within collections.</summary>
    public int MaxDepth { get; init; } = 16;

    /// <summary>Bytes of a line without its end: of simple strings, errors, numbers and lengths.</summary>
    public int MaxLineLength { get; init; } = 16 << 10;

    /// <summary>Bytes of one bulk string.</summary>
    public int MaxBulkLength { get; init; } = 64 << 20;

    /// <summary>Values in one reply, those within others included.</summary>
    public int MaxItemCount { get; init; } = 1 << 20;

    /// <summary>Bytes of one reply as it is sent.</summary>
    public long MaxReplySize { get; init; } = 64 << 20;
}
