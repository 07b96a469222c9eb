namespace RawWs.SocketIO;

/// <summary>Thrown by a middleware of a namespace to refuse a client, which is told the message.</summary>
/// <param name="message">What the client's <c>connect_error</c> says. It is sent.</param>
/// <param name="data">What it finds as <c>err.data</c>; null for none. It is sent.</param>
public sealed class ConnectErrorException(string message, object? data = null) : Exception(message)
{
    /// <summary>What the client finds as <c>err.data</c>.</summary>
    public object? Details { get; } = data;
}
