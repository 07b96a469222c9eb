using System.Buffers;
using RawWs.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis.SocketIO;

/// <summary>Writes a body as MessagePack. Each value has its own binary values: what only looks like the place of one, beside those of others, is none.</summary>
internal sealed class MessagePackBodyWriter : IBodyWriter
{
    private readonly ArrayBufferWriter<byte> _output = new();

    /// <summary>What has been written.</summary>
    public ReadOnlyMemory<byte> Written => _output.WrittenMemory;

    private MessagePackWriter Writer => new(_output);

    /// <inheritdoc/>
    public void BeginObject(int memberCount) => Writer.WriteMapHeader(memberCount);

    /// <inheritdoc/>
    public void EndObject()
    {
        // Its length has been said at its beginning.
    }

    /// <inheritdoc/>
    public void BeginList(int itemCount) => Writer.WriteArrayHeader(itemCount);

    /// <inheritdoc/>
    public void EndList()
    {
        // As above.
    }

    /// <inheritdoc/>
    public void WriteName(string name) => Writer.WriteString(name);

    /// <inheritdoc/>
    public void WriteText(string text) => Writer.WriteString(text);

    /// <inheritdoc/>
    public void WriteNumber(long number) => Writer.WriteInteger(number);

    /// <inheritdoc/>
    public void WriteBoolean(bool value) => Writer.WriteBoolean(value);

    /// <inheritdoc/>
    public void WriteValue(EventValue? value)
    {
        if (value is null)
            Writer.WriteNil();
        else
            Writer.WriteJson(value.Json, value.Attachments);
    }
}
