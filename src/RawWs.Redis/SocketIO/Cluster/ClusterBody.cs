using System.Security.Cryptography;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>
/// Writes messages to other servers: <c>{type, data, uid, nsp}</c>, where the type is a number of <see cref="ClusterMessageType"/>, the uid that of the sender, and the data is what the message is about.
/// </summary>
internal static class ClusterBody
{
    private const int IdBytes = 8;

    /// <summary>What a server or a request is known by: 16 random hexadecimal digits.</summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(2 * IdBytes, lowercase: true);

    /// <summary>A whole message: JSON, or MessagePack if there are binary values in it.</summary>
    public static ReadOnlyMemory<byte> Write(ClusterMessage message, string uid, string nsp)
    {
        if (message.HasBinary)
            return WriteMessagePack(message, uid, nsp);

        using var writer = new JsonBodyWriter();
        WriteMessage(writer, message, uid, nsp);
        return writer.Written;
    }

    /// <summary>A whole message as MessagePack.</summary>
    public static ReadOnlyMemory<byte> WriteMessagePack(ClusterMessage message, string uid, string nsp)
    {
        var writer = new MessagePackBodyWriter();
        WriteMessage(writer, message, uid, nsp);
        return writer.Written;
    }

    /// <summary>The data of a message alone: JSON, or MessagePack if there are binary values in it.</summary>
    public static ReadOnlyMemory<byte> WriteData(ClusterMessage message)
    {
        if (message.HasBinary)
        {
            var packed = new MessagePackBodyWriter();
            message.WriteData(packed);
            return packed.Written;
        }

        using var writer = new JsonBodyWriter();
        message.WriteData(writer);
        return writer.Written;
    }

    /// <summary>Which sockets are meant, and how they are sent something.</summary>
    public static void WriteOptions(IBodyWriter writer, BroadcastOptions options)
    {
        writer.WriteName("opts");
        writer.BeginObject(3);
        WriteTexts(writer, "rooms", options.Rooms);
        WriteTexts(writer, "except", options.Except);
        WriteFlags(writer, options);
        writer.EndObject();
    }

    /// <summary>The id of a request.</summary>
    public static void WriteRequestId(IBodyWriter writer, string requestId)
    {
        writer.WriteName("requestId");
        writer.WriteText(requestId);
    }

    /// <summary>A list of texts.</summary>
    public static void WriteTexts(IBodyWriter writer, string name, IReadOnlyCollection<string> texts)
    {
        writer.WriteName(name);
        writer.BeginList(texts.Count);
        foreach (var text in texts)
            writer.WriteText(text);

        writer.EndList();
    }

    /// <summary>The name of an event and its values, in one list.</summary>
    public static void WriteEvent(IBodyWriter writer, string name, string eventName, IReadOnlyList<EventValue> values)
    {
        writer.WriteName(name);
        writer.BeginList(1 + values.Count);
        writer.WriteText(eventName);
        foreach (var value in values)
            writer.WriteValue(value);

        writer.EndList();
    }

    private static void WriteMessage(IBodyWriter writer, ClusterMessage message, string uid, string nsp)
    {
        writer.BeginObject(4);
        writer.WriteName("type");
        writer.WriteNumber((int)message.Type);
        writer.WriteName("data");
        message.WriteData(writer);
        writer.WriteName("uid");
        writer.WriteText(uid);
        writer.WriteName("nsp");
        writer.WriteText(nsp);
        writer.EndObject();
    }

    private static void WriteFlags(IBodyWriter writer, BroadcastOptions options)
    {
        writer.WriteName("flags");
        writer.BeginObject((options.IsVolatile ? 1 : 0) + (options.IsCompressible ? 0 : 1) + (options.Timeout is null ? 0 : 1) + (options.ExpectsSingleResponse ? 1 : 0));
        if (options.IsVolatile)
        {
            writer.WriteName("volatile");
            writer.WriteBoolean(true);
        }

        if (!options.IsCompressible)
        {
            writer.WriteName("compress");
            writer.WriteBoolean(false);
        }

        if (options.Timeout is { } timeout)
        {
            writer.WriteName("timeout");
            writer.WriteNumber((long)timeout.TotalMilliseconds);
        }

        if (options.ExpectsSingleResponse)
        {
            writer.WriteName("expectSingleResponse");
            writer.WriteBoolean(true);
        }

        writer.EndObject();
    }
}
