using System.Text.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>An event as it was received. Owns its memory and may be kept.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SocketEvent
{
    private readonly IAckSender? _acks;
    private readonly ulong? _id;
    private int _isAcknowledged;

    internal SocketEvent(SocketIOSocket socket, Packet packet)
    {
        (_acks, _id, Name, Values) = (socket, packet.Id, packet.EventName, socket.Namespace.ValuesOf(packet));
    }

    internal SocketEvent(string name, IReadOnlyList<EventValue> values, IAckSender? acks) => (Name, Values, _acks, _id) = (name, values, acks, acks is null ? null : 0);

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>What came with it. To send it on: <c>socket.EmitAsync(name, [.. e.Values])</c>.</summary>
    public IReadOnlyList<EventValue> Values { get; }

    /// <summary>Whether who sent it waits for an answer.</summary>
    public bool ExpectsAck => _id is not null;

    /// <summary>One of its values, as <see cref="EventValue.Get{T}"/> has it.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="EventValueException">The value is missing or something else.</exception>
    public T Get<T>(int index)
    {
        if (index >= Values.Count)
            throw new EventValueException($"The event '{Name}' has {Values.Count} values; value {index + 1} should be a {typeof(T).Name}.");

        try
        {
            return Values[index].Get<T>()!; // Null where the client says null, as with any other JSON.
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new EventValueException($"Value {index + 1} of the event '{Name}' is no {typeof(T).Name}.", error);
        }
    }

    /// <summary>Answers. Only the first answer counts, and none if nobody waits for one.</summary>
    /// <param name="values">What the callback there gets; another server gets the first.</param>
    public void Acknowledge(params object?[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (_id is { } id && Interlocked.Exchange(ref _isAcknowledged, 1) == 0)
            _acks!.SendAck(id, values); // Who gave the id takes the answer.
    }
}
