using System.Buffers.Text;
using System.Text;

namespace RawWs.Redis.SocketIO;

/// <summary>
/// An entry of a stream: the fields <c>uid</c>, <c>nsp</c> and <c>type</c>, and <c>data</c> with what the message is about, in JSON, or in base64 of MessagePack if there are binary values in it. Immutable.
/// </summary>
/// <param name="Uid">The server that has added it.</param>
/// <param name="Namespace">The namespace it is for.</param>
/// <param name="Type">What it is, as it is written; null if it has none.</param>
/// <param name="Data">What it is about, as it is written.</param>
internal readonly record struct StreamEntryBody(string Uid, string Namespace, string? Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>Its type; null if there is no such.</summary>
    public ClusterMessageType? MessageType => int.TryParse(Type, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? (ClusterMessageType)number : null;

    /// <summary>Writes a message as the fields of an entry.</summary>
    public static RedisArgument[] Write(ClusterMessage message, string uid, string nsp)
    {
        var data = ClusterBody.WriteData(message);
        return ["uid", uid, "nsp", nsp, "type", (long)message.Type, "data", message.HasBinary ? Encode(data.Span) : data];
    }

    /// <summary>Bytes as they are kept where there is text only: base64.</summary>
    public static ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new byte[Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
        Base64.EncodeToUtf8(bytes, text, out _, out var length);
        return text.AsMemory(0, length);
    }

    /// <summary>What <see cref="Encode"/> has encoded.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is no base64.</exception>
    public static ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, bytes, out _, out var length) == System.Buffers.OperationStatus.Done
            ? bytes.AsMemory(0, length)
            : throw new System.Text.Json.JsonException("It is no base64.");
    }

    /// <summary>Reads an entry.</summary>
    /// <returns>False if it is none of a Socket.IO server.</returns>
    public static bool TryRead(RedisStreamEntry entry, out StreamEntryBody body)
    {
        string? uid = null, nsp = null, type = null;
        var data = ReadOnlyMemory<byte>.Empty;
        for (var place = 0; place + 1 < entry.Fields.Count; place += 2)
        {
            var value = entry.Fields[place + 1];
            switch (Encoding.UTF8.GetString(entry.Fields[place].Span))
            {
                case "uid":
                    uid = Encoding.UTF8.GetString(value.Span);
                    break;

                case "nsp":
                    nsp = Encoding.UTF8.GetString(value.Span);
                    break;

                case "type":
                    type = Encoding.UTF8.GetString(value.Span);
                    break;

                case "data":
                    data = value;
                    break;

                default:
                    // Other versions may have more.
                    break;
            }
        }

        body = new StreamEntryBody(uid ?? "", nsp ?? "", type, data);
        return uid is not null && nsp is not null;
    }

    /// <summary>Reads what it is about.</summary>
    /// <exception cref="System.Text.Json.JsonException">It makes no sense.</exception>
    public AdapterBody ReadData(AdapterReader reader) => reader.Read(Data.Span is [(byte)'{', ..] ? Data.Span : Decode(Data.Span).Span);
}
