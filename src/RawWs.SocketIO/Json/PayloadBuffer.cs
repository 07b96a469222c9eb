using System.Buffers;
using System.Text.Json;

namespace RawWs.SocketIO.Json;

/// <summary>
/// What the values of an event are written with, kept by each thread for the next event. Whoever takes it has it alone: a converter of the application that encodes
/// something itself meanwhile gets another. Disposing leaves it to the next event of the thread; one that was left in the midst of something, by an exception, is not
/// disposed, and not used again.
/// </summary>
internal sealed class PayloadBuffer : IDisposable
{
    // A thread does not keep what one large event has needed.
    private const int MaxKeptSize = 16 * 1024;

    [ThreadStatic]
    private static PayloadBuffer? _spare;

    private readonly ValueJson _owner;

    private PayloadBuffer(ValueJson owner, JsonWriterOptions options)
    {
        _owner = owner;
        Writer = new Utf8JsonWriter(Json, options);
    }

    /// <summary>What has been written and flushed.</summary>
    public ArrayBufferWriter<byte> Json { get; } = new();

    /// <summary>Writes there.</summary>
    public Utf8JsonWriter Writer { get; }

    /// <summary>The binary values beside it.</summary>
    public List<ReadOnlyMemory<byte>> Attachments { get; } = [];

    /// <summary>Takes one, which is empty.</summary>
    /// <param name="owner">Whose settings it is made with.</param>
    /// <param name="options">Those settings.</param>
    public static PayloadBuffer Take(ValueJson owner, JsonWriterOptions options)
    {
        var spare = _spare;
        _spare = null;
        return spare?._owner == owner ? spare : new PayloadBuffer(owner, options);
    }

    /// <summary>A copy of what has been written.</summary>
    public EventPayload ToPayload() => new(Json.WrittenSpan.ToArray(), Attachments.Count == 0 ? [] : [.. Attachments]);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Json.Capacity > MaxKeptSize)
            return;

        Json.ResetWrittenCount();
        Writer.Reset();
        Attachments.Clear();
        _spare = this;
    }
}
