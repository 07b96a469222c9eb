using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RawWs.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis.SocketIO;

/// <summary>Reads what all adapters say alike: events for clients, and descriptions of sockets.</summary>
/// <param name="nsp">The namespace that is meant.</param>
internal sealed class AdapterReader(SocketIONamespace nsp)
{
    // Of what another server says that its clients are waited for; nobody waits for ever.
    private static readonly TimeSpan MaxAskingTime = TimeSpan.FromDays(1);

    /// <summary>Reads a body.</summary>
    /// <exception cref="JsonException">It is neither JSON nor MessagePack.</exception>
    public AdapterBody Read(ReadOnlySpan<byte> payload) => AdapterBody.Read(payload, nsp.Options.MaxJsonDepth);

    /// <summary>Reads an event.</summary>
    /// <param name="body">Where it is.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="defaultNamespace">What a packet is for that does not say so.</param>
    /// <param name="result">The event.</param>
    /// <returns>False if it is for another namespace, or no event.</returns>
    /// <exception cref="JsonException">It makes no sense.</exception>
    public bool TryReadPacket(AdapterBody body, JsonElement packet, string defaultNamespace, [NotNullWhen(true)] out SocketIOPacket? result)
    {
        result = null;
        var name = AdapterBody.Member(packet, "nsp"u8);
        var isForeign = (name.ValueKind == JsonValueKind.Undefined ? defaultNamespace : AdapterBody.TextOf(name)) != nsp.Name;
        if (isForeign || AdapterBody.NumberOf(AdapterBody.Member(packet, "type"u8)) is not ((int)PacketType.Event or (int)PacketType.BinaryEvent))
            return false;

        var (eventName, values) = body.ClientEventOf(nsp, AdapterBody.Member(packet, "data"u8));
        try
        {
            result = nsp.CreatePacket(eventName, [.. values]);
            return true;
        }
        catch (ArgumentException error)
        {
            // A name that clients keep for themselves.
            throw new JsonException(error.Message, error);
        }
    }

    /// <summary>Reads what another server tells of a socket.</summary>
    /// <returns>Null if that makes no sense: it has no id, or rooms that are no list.</returns>
    public RemoteSocket? ReadSocket(AdapterBody answer, JsonElement socket)
    {
        if (AdapterBody.TextOf(AdapterBody.Member(socket, "id"u8)) is not { } id || AdapterBody.RoomsOfSocket(AdapterBody.Member(socket, "rooms"u8)) is not { } rooms)
            return null;

        var (handshake, data) = (answer.DescriptionOf(nsp, AdapterBody.Member(socket, "handshake"u8)), answer.DescriptionOf(nsp, AdapterBody.Member(socket, "data"u8)));
        return new RemoteSocket(nsp, id, handshake, rooms, data);
    }

    /// <summary>Until when clients of this server are waited for that another one asks.</summary>
    /// <returns>Cancelled when the time is up.</returns>
    [SuppressMessage("Reliability", "CA2000", Justification = "It disposes itself when the time is up.")]
    public CancellationToken BeginAsking(BroadcastOptions options)
    {
        var time = options.Timeout ?? nsp.Options.AckTimeout;
        var stopping = new CancellationTokenSource(time < MaxAskingTime ? time : MaxAskingTime, nsp.Options.TimeProvider);
        var token = stopping.Token;
        token.UnsafeRegister(static stopping => ((CancellationTokenSource)stopping!).Dispose(), stopping); // It is what was given.
        return token;
    }
}
