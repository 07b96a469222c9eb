using System.Text.Json;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>
/// A session that a client may come back to: base64 of a MessagePack map <c>{sid, pid, rooms, data}</c>. Ours have two members more, which Node's servers do not mind: <c>nsp</c>, since who was let into one namespace may
/// not come back to another one, and <c>offset</c>, from which a client goes on that has seen no event.
/// </summary>
internal static class SessionBody
{
    /// <summary>Writes a session.</summary>
    /// <exception cref="NotSupportedException">Nobody knows how to write what the application keeps with it.</exception>
    public static ReadOnlyMemory<byte> Write(SocketIONamespace nsp, StoredSession session)
    {
        var writer = new MessagePackBodyWriter();
        writer.BeginObject(session.FirstOffset is null ? 5 : 6);
        writer.WriteName("sid");
        writer.WriteText(session.SocketId);
        writer.WriteName("pid");
        writer.WriteText(session.PrivateId);
        ClusterBody.WriteTexts(writer, "rooms", session.Rooms);
        writer.WriteName("data");
        writer.WriteValue(session.Data.ToValue(nsp));
        writer.WriteName("nsp");
        writer.WriteText(nsp.Name);
        if (session.FirstOffset is { } offset)
        {
            writer.WriteName("offset");
            writer.WriteText(offset);
        }

        writer.EndObject();
        return StreamEntryBody.Encode(writer.Written.Span);
    }

    /// <summary>Reads a session.</summary>
    /// <exception cref="JsonException">It makes no sense, or is of another namespace.</exception>
    public static StoredSession Read(SocketIONamespace nsp, AdapterReader reader, ReadOnlySpan<byte> text)
    {
        var body = reader.Read(StreamEntryBody.Decode(text).Span);
        if (AdapterBody.TextOf(AdapterBody.Member(body.Root, "nsp"u8)) is { } name && name != nsp.Name)
            throw new JsonException("A session is of another namespace.");

        return new StoredSession(
            TextOf(body.Root, "sid"u8),
            TextOf(body.Root, "pid"u8),
            AdapterBody.RoomsOfSocket(AdapterBody.Member(body.Root, "rooms"u8)) ?? throw new JsonException("Rooms are no list."),
            new SocketData(body.DescriptionOf(nsp, AdapterBody.Member(body.Root, "data"u8))),
            AdapterBody.TextOf(AdapterBody.Member(body.Root, "offset"u8)));
    }

    private static string TextOf(JsonElement session, ReadOnlySpan<byte> name) => AdapterBody.TextOf(AdapterBody.Member(session, name)) ?? throw new JsonException("A session has two ids.");
}
