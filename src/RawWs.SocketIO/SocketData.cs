using System.Collections.Concurrent;

namespace RawWs.SocketIO;

/// <summary>
/// Whatever the application keeps with a socket, by names. It comes back with a connection that is recovered, and travels to other servers: there, and from there, a
/// value is JSON until somebody says what it is.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SocketData
{
    // Most sockets have nothing, and an empty one is larger than everything else that is kept with them: made for the first value.
    private ConcurrentDictionary<string, object?>? _values;

    internal SocketData()
    {
    }

    /// <summary>Takes data from another server.</summary>
    /// <param name="data">An object; anything else has no values. Names that are no text are left out.</param>
    public SocketData(EventValue data)
    {
        ArgumentNullException.ThrowIfNull(data);
        foreach (var (name, value) in data.Members())
            this[name] = value;
    }

    /// <summary>The names of what is there.</summary>
    public IReadOnlyCollection<string> Names => [.. Existing?.Keys ?? []];

    /// <summary>A value as it was set, or an <see cref="EventValue"/> if it came from elsewhere; null if there is none.</summary>
    public object? this[string name]
    {
        get => Existing?.GetValueOrDefault(name);
        set => LazyInitializer.EnsureInitialized(ref _values, static () => new(StringComparer.Ordinal))[name] = value;
    }

    /// <summary>A value.</summary>
    /// <returns>The default if there is none.</returns>
    /// <exception cref="InvalidCastException">It was set as something else.</exception>
    /// <exception cref="System.Text.Json.JsonException">It came from elsewhere, and is something else.</exception>
    public T? Get<T>(string name) => this[name] switch
    {
        T value => value,
        EventValue received => received.Get<T>(),
        null => default,
        var other => throw new InvalidCastException($"'{name}' is a {other.GetType().Name}, and no {typeof(T).Name}."),
    };

    /// <summary>Takes a value away.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string name) => Existing?.TryRemove(name, out _) is true;

    /// <summary>All of it as one object, as servers tell each other of it.</summary>
    /// <param name="nsp">Whose options say how values are written.</param>
    /// <exception cref="NotSupportedException">Nobody knows how to write one of them.</exception>
    public EventValue ToValue(SocketIONamespace nsp)
    {
        ArgumentNullException.ThrowIfNull(nsp);
        return nsp.Json.ToObject(All);
    }

    private ConcurrentDictionary<string, object?>? Existing => Volatile.Read(ref _values);

    private IEnumerable<KeyValuePair<string, object?>> All => Existing ?? Enumerable.Empty<KeyValuePair<string, object?>>();
}
