using System.Text.Json;

namespace RawWs.SocketIO;

/// <summary>Reads what an ack has brought.</summary>
internal static class AckValue
{
    /// <returns>Null if there is none.</returns>
    public static EventValue? FirstOf(IReadOnlyList<EventValue> values) => values.Count == 0 ? null : values[0];

    /// <returns>The value; the default if there is none.</returns>
    /// <exception cref="EventValueException">It is no <typeparamref name="T"/>.</exception>
    public static T? Read<T>(EventValue? value)
    {
        try
        {
            return value is null ? default : value.Get<T>();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new EventValueException($"The answer is no {typeof(T).Name}.", error);
        }
    }
}
