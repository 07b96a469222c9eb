namespace RawWs.Host;

/// <summary>Sends back each message as it came.</summary>
internal static class EchoSession
{
    public const string Path = "/echo";

    public static async Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        await foreach (var message in connection.ReadMessagesAsync(cancellationToken).ConfigureAwait(false))
            await connection.SendAsync(message, cancellationToken).ConfigureAwait(false);
    }
}
