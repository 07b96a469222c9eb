using System.Diagnostics;
using System.Net;
using RawWs.Compression;

namespace RawWs.Connections;

/// <summary>What a connection takes over from its opening handshake.</summary>
internal sealed record AcceptedUpgrade
{
    public required long ConnectionId { get; init; }

    public required string Path { get; init; }

    public required string Query { get; init; }

    public string? Subprotocol { get; init; }

    /// <summary>What was agreed on for permessage-deflate; null if it was not.</summary>
    public DeflateParameters? Deflate { get; init; }

    public object? UserState { get; init; }

    /// <summary>The span of the handshake, if it is traced.</summary>
    public ActivityContext Trace { get; init; }

    public EndPoint? LocalEndPoint { get; init; }
}
