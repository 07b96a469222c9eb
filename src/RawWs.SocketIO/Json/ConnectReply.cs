using System.Text.Json.Serialization;

namespace RawWs.SocketIO.Json;

/// <summary>What a client is told when it has joined a namespace.</summary>
/// <param name="Sid">Its socket's id.</param>
/// <param name="Pid">By what it names itself to recover its connection; left out if that is off.</param>
internal sealed record ConnectReply(
    [property: JsonPropertyName("sid")] string Sid,
    [property: JsonPropertyName("pid"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Pid = null);
