namespace RawWs.Host;

/// <summary>Sends back each message as it came.</summary>
internal static class EchoSession
{
    public const string Path = "/echo";

    public static readonly WebSocketEvents Events = new() { OnMessage = static (connection, message) => connection.SendAsync(message) };
}
