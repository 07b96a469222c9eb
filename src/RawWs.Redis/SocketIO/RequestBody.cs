using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RawWs.SocketIO;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis.SocketIO;

/// <summary>
/// Writes requests to other servers and answers to theirs, but for those that <see cref="BroadcastBody"/> writes: JSON, or the same as MessagePack if there are binary values in it, which all
/// servers read too.
/// </summary>
internal static class RequestBody
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Asks for the names of all rooms.</summary>
    public static ReadOnlyMemory<byte> AllRooms(string uid, string requestId) => Write(json => Begin(json, AdapterRequestType.AllRooms, uid, requestId));

    /// <summary>Asks which sockets are meant.</summary>
    public static ReadOnlyMemory<byte> Fetch(string uid, string requestId, BroadcastOptions options) => Write(json =>
    {
        Begin(json, AdapterRequestType.Fetch, uid, requestId);
        WriteOptions(json, options);
    });

    /// <summary>Has sockets join or leave rooms.</summary>
    /// <param name="type">Which of the two.</param>
    /// <param name="uid">Whoever says so; null for an emitter.</param>
    /// <param name="options">Which sockets.</param>
    /// <param name="rooms">The rooms.</param>
    public static ReadOnlyMemory<byte> Rooms(AdapterRequestType type, string? uid, BroadcastOptions options, IEnumerable<string> rooms) => Write(json =>
    {
        Begin(json, type, uid);
        WriteOptions(json, options);
        WriteTexts(json, "rooms", rooms);
    });

    /// <summary>Has sockets disconnected.</summary>
    /// <param name="uid">Whoever says so; null for an emitter.</param>
    /// <param name="options">Which sockets.</param>
    /// <param name="close">Whether their connections end too.</param>
    public static ReadOnlyMemory<byte> Disconnect(string? uid, BroadcastOptions options, bool close) => Write(json =>
    {
        Begin(json, AdapterRequestType.Disconnect, uid);
        WriteOptions(json, options);
        json.WriteBoolean("close", close);
    });

    /// <summary>An event for servers.</summary>
    /// <param name="uid">Whoever says so.</param>
    /// <param name="requestId">Null if no answer is wanted.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="values">What comes with it.</param>
    public static ReadOnlyMemory<byte> ServerSideEmit(string uid, string? requestId, string eventName, IReadOnlyList<EventValue> values) => Write(json =>
    {
        Begin(json, AdapterRequestType.ServerSideEmit, uid, requestId);
        json.WriteStartArray("data");
        json.WriteStringValue(eventName);
        foreach (var value in values)
            value.WriteTo(json);

        json.WriteEndArray();
    });

    /// <summary>Answers <see cref="ServerSideEmit"/>.</summary>
    public static ReadOnlyMemory<byte> ServerSideAnswer(string requestId, EventValue? value) => Write(json =>
    {
        json.WriteNumber("type", (int)AdapterRequestType.ServerSideEmit);
        json.WriteString("requestId", requestId);
        if (value is null)
            return;

        json.WritePropertyName("data");
        value.WriteTo(json);
    });

    /// <summary>Answers with names: of sockets, or of rooms.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="member">What they are.</param>
    /// <param name="names">The names.</param>
    public static ReadOnlyMemory<byte> Names(string requestId, string member, IEnumerable<string> names) => Write(json =>
    {
        json.WriteString("requestId", requestId);
        WriteTexts(json, member, names);
    });

    /// <summary>Says that something has been done, to an older version that waits for that.</summary>
    public static ReadOnlyMemory<byte> Done(string requestId) => Write(json => json.WriteString("requestId", requestId));

    /// <summary>Describes sockets.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="sockets">The sockets. What can't be written of one, or nobody could read, is left out.</param>
    public static ReadOnlyMemory<byte> Sockets(string requestId, IEnumerable<RemoteSocket> sockets)
    {
        SocketDescription[] described = [.. sockets.Select(SocketDescription.Of)];
        if (Array.Exists(described, static socket => socket.Data.Attachments.Count > 0))
            return SocketsAsMessagePack(requestId, described);

        return Write(json =>
        {
            json.WriteString("requestId", requestId);
            json.WriteStartArray("sockets");
            foreach (var (id, handshake, rooms, data) in described)
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WritePropertyName("handshake");
                handshake.WriteTo(json);
                WriteTexts(json, "rooms", rooms);
                json.WritePropertyName("data");
                data.WriteTo(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    /// <summary>Says how many clients were asked.</summary>
    public static ReadOnlyMemory<byte> ClientCount(string requestId, int count) => Write(json =>
    {
        json.WriteNumber("type", (int)AdapterRequestType.BroadcastClientCount);
        json.WriteString("requestId", requestId);
        json.WriteNumber("clientCount", count);
    });

    // Each value by itself: what a client has made to look like a binary value, such as in its handshake, is none beside those of others.
    private static ReadOnlyMemory<byte> SocketsAsMessagePack(string requestId, SocketDescription[] sockets)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteMapHeader(2);
        writer.WriteString("requestId"u8);
        writer.WriteString(requestId);
        writer.WriteString("sockets"u8);
        writer.WriteArrayHeader(sockets.Length);
        foreach (var (id, handshake, rooms, data) in sockets)
        {
            writer.WriteMapHeader(4);
            writer.WriteString("id"u8);
            writer.WriteString(id);
            writer.WriteString("handshake"u8);
            writer.WriteJson(handshake.Json, handshake.Attachments);
            writer.WriteString("rooms"u8);
            writer.WriteArrayHeader(rooms.Count);
            foreach (var room in rooms)
                writer.WriteString(room);

            writer.WriteString("data"u8);
            writer.WriteJson(data.Json, data.Attachments);
        }

        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var json = new ArrayBufferWriter<byte>();
        var attachments = new List<ReadOnlyMemory<byte>>();
        using (AttachmentScope.Collect(attachments))
        using (var writer = new Utf8JsonWriter(json, Writing))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        if (attachments.Count == 0)
            return json.WrittenMemory;

        var output = new ArrayBufferWriter<byte>(json.WrittenCount);
        var reader = new Utf8JsonReader(json.WrittenSpan, new JsonReaderOptions { MaxDepth = int.MaxValue });
        new MessagePackWriter(output).WriteJson(JsonElement.ParseValue(ref reader), attachments);
        return output.WrittenMemory;
    }

    private static void Begin(Utf8JsonWriter json, AdapterRequestType type, string? uid, string? requestId = null)
    {
        if (uid is not null)
            json.WriteString("uid", uid);

        if (requestId is not null)
            json.WriteString("requestId", requestId);

        json.WriteNumber("type", (int)type);
    }

    private static void WriteOptions(Utf8JsonWriter json, BroadcastOptions options)
    {
        json.WriteStartObject("opts");
        WriteTexts(json, "rooms", options.Rooms);
        WriteTexts(json, "except", options.Except);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);

        json.WriteEndArray();
    }
}
