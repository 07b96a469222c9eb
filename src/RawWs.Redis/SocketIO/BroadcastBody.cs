using System.Buffers;
using RawWs.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis.SocketIO;

/// <summary>Writes what is always MessagePack: events for clients, and what these answer.</summary>
internal static class BroadcastBody
{
    /// <summary>The id of an emitter, which is no server.</summary>
    public const string EmitterUid = "emitter";

    /// <summary>An event.</summary>
    public static ReadOnlyMemory<byte> Write(string uid, string nsp, string eventName, IReadOnlyList<EventValue> values, BroadcastOptions options)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(3);
        writer.WriteString(uid);
        WritePacket(writer, nsp, eventName, values);
        WriteOptions(writer, options, isOfEmitter: uid == EmitterUid);
        return output.WrittenMemory;
    }

    /// <summary>An event that clients are to answer.</summary>
    public static ReadOnlyMemory<byte> WriteQuestion(string uid, string requestId, string nsp, string eventName, IReadOnlyList<EventValue> values, BroadcastOptions options)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteMapHeader(5);
        writer.WriteString("uid"u8);
        writer.WriteString(uid);
        writer.WriteString("requestId"u8);
        writer.WriteString(requestId);
        writer.WriteString("type"u8);
        writer.WriteInteger((ulong)AdapterRequestType.Broadcast);
        writer.WriteString("packet"u8);
        WritePacket(writer, nsp, eventName, values);
        writer.WriteString("opts"u8);
        WriteOptions(writer, options, isOfEmitter: false);
        return output.WrittenMemory;
    }

    /// <summary>What one client has answered.</summary>
    public static ReadOnlyMemory<byte> WriteAnswer(string requestId, EventValue? value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteMapHeader(3);
        writer.WriteString("type"u8);
        writer.WriteInteger((ulong)AdapterRequestType.BroadcastAck);
        writer.WriteString("requestId"u8);
        writer.WriteString(requestId);
        writer.WriteString("packet"u8);
        if (value is null)
            writer.WriteNil();
        else
            writer.WriteJson(value.Json, value.Attachments);

        return output.WrittenMemory;
    }

    private static void WritePacket(MessagePackWriter writer, string nsp, string eventName, IReadOnlyList<EventValue> values)
    {
        writer.WriteMapHeader(3);
        writer.WriteString("type"u8);
        writer.WriteInteger((ulong)PacketType.Event);
        writer.WriteString("data"u8);
        writer.WriteArrayHeader(1 + values.Count);
        writer.WriteString(eventName);
        foreach (var value in values)
            writer.WriteJson(value.Json, value.Attachments);

        writer.WriteString("nsp"u8);
        writer.WriteString(nsp);
    }

    // The order of the members says nothing, but it is that of Node's packages.
    private static void WriteOptions(MessagePackWriter writer, BroadcastOptions options, bool isOfEmitter)
    {
        writer.WriteMapHeader(3);
        WriteRooms(writer, "rooms"u8, options.Rooms);
        if (isOfEmitter)
            WriteFlags(writer, options);

        WriteRooms(writer, "except"u8, options.Except);
        if (!isOfEmitter)
            WriteFlags(writer, options);
    }

    private static void WriteRooms(MessagePackWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> rooms)
    {
        writer.WriteString(name);
        writer.WriteArrayHeader(rooms.Count);
        foreach (var room in rooms)
            writer.WriteString(room);
    }

    private static void WriteFlags(MessagePackWriter writer, BroadcastOptions options)
    {
        writer.WriteString("flags"u8);
        writer.WriteMapHeader((options.IsVolatile ? 1 : 0) + (options.IsCompressible ? 0 : 1) + (options.Timeout is null ? 0 : 1) + (options.ExpectsSingleResponse ? 1 : 0));
        if (options.IsVolatile)
        {
            writer.WriteString("volatile"u8);
            writer.WriteBoolean(true);
        }

        if (!options.IsCompressible)
        {
            writer.WriteString("compress"u8);
            writer.WriteBoolean(false);
        }

        if (options.Timeout is { } timeout)
        {
            writer.WriteString("timeout"u8);
            writer.WriteInteger((long)timeout.TotalMilliseconds);
        }

        if (options.ExpectsSingleResponse)
        {
            writer.WriteString("expectSingleResponse"u8);
            writer.WriteBoolean(true);
        }
    }
}
