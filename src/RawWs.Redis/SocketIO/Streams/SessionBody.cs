using System.Text.Json;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>
/// A session that a client may come back to: base64 of a MessagePack map <c>{sid, pid, rooms, data}</c>. Ours has an <c>offset</c> too, from which a client goes on that has seen no event; Node's servers do not mind.
/// </summary>
internal static class SessionBody
{
    /// <summary>Writes a session.</summary>
    /// <exception cref="NotSupportedException">Nobody knows how to write what the application keeps with it.</exception>
    public static ReadOnlyMemory<byte> Write(SocketIONamespace nsp, StoredSession session)
    {
        var writer = new MessagePackBodyWriter();
        writer.BeginObject(session.FirstOffset is null ? 4 : 5);
        writer.WriteName("sid");
        writer.WriteText(session.SocketId);
        writer.WriteName("pid");
        writer.WriteText(session.PrivateId);
        ClusterBody.WriteTexts(writer, "rooms", session.Rooms);
        writer.WriteName("data");
        writer.WriteValue(session.Data.ToValue(nsp));
        if (session.FirstOffset is { } offset)
        {
            writer.WriteName("offset");
            writer.WriteText(offset);
        }

        writer.EndObject();
        return StreamEntryBody.Encode(writer.Written.Span);
    }

    /// <summary>Reads a session.</summary>
    /// <exception cref="JsonException">It makes no sense.</exception>
    public static StoredSession Read(SocketIONamespace nsp, AdapterReader reader, ReadOnlySpan<byte> text)
    {
        var body = reader.Read(StreamEntryBody.Decode(text).Span);
        return new StoredSession(
            TextOf(body.Root, "sid"u8),
            TextOf(body.Root, "pid"u8),
            AdapterBody.RoomsOf(AdapterBody.Member(body.Root, "rooms"u8)),
            new SocketData(body.DescriptionOf(nsp, AdapterBody.Member(body.Root, "data"u8))),
            AdapterBody.TextOf(AdapterBody.Member(body.Root, "offset"u8)));
    }

    private static string TextOf(JsonElement session, ReadOnlySpan<byte> name) => AdapterBody.TextOf(AdapterBody.Member(session, name)) ?? throw new JsonException("A session has two ids.");
}
