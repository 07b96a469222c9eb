using System.Text.Json.Serialization;

namespace RawWs.SocketIO.Json;

/// <summary>What a client is told when it has joined a namespace.</summary>
/// <param name="Sid">Its socket's id.</param>
internal sealed record ConnectReply([property: JsonPropertyName("sid")] string Sid);
