using System.Text.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>A client wants to come into a namespace.</summary>
/// <param name="Namespace">Its name.</param>
/// <param name="Auth">What the client says of itself, an object; undefined if nothing.</param>
internal sealed record ConnectRequest(string Namespace, JsonElement Auth)
{
    /// <summary>Reads a connect packet.</summary>
    public static ConnectRequest Read(Packet packet, bool isLegacy, PacketLimits limits)
    {
        if (isLegacy)
        {
            var (name, auth) = LegacyClients.Read(packet);
            return new ConnectRequest(name, auth);
        }

        if (packet.Payload.IsEmpty)
            return new ConnectRequest(packet.Namespace, default);

        // Read once before, to the same depth: it is an object.
        var reader = JsonValues.ReaderOf(packet.Payload, limits);
        return new ConnectRequest(packet.Namespace, JsonElement.ParseValue(ref reader));
    }

    /// <summary>Whether a client that has said this would say nothing new with the request.</summary>
    public bool Says(JsonElement auth) => Auth.ValueKind == JsonValueKind.Undefined || auth.ValueKind == JsonValueKind.Undefined
        ? Auth.ValueKind == auth.ValueKind
        : JsonElement.DeepEquals(Auth, auth);
}
