namespace RawWs.Redis.Client;

/// <summary>
/// Tells all connections of a client when one of them has found that its server is not a primary any more: they are to leave it together. Otherwise messages would be heard on one server for a while, and published on another.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ReplicaNotice
{
    /// <summary>Raised by the one who found it, when its own connection has ended and before it makes another.</summary>
    public event Action? Found;

    /// <summary>A connection has ended by it.</summary>
    public void Tell() => Found?.Invoke();
}
