using System.Net.WebSockets;

namespace RawWs.Tests.Protocol;

/// <summary>The runtime's own WebSocket in the client's place: an implementation that shares no line with the one under test.</summary>
internal static class ManagedClient
{
    /// <param name="stream">The connection, after its opening handshake.</param>
    /// <param name="deflate">What was agreed on for permessage-deflate.</param>
    public static WebSocket Over(Stream stream, WebSocketDeflateOptions? deflate = null)
        => WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            IsServer = false,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            DangerousDeflateOptions = deflate,
        });

    /// <summary>Lets the client say something and returns the bytes. Its masking keys are random, as §5.3 demands; what they mask is not.</summary>
    public static async Task<byte[]> WireOf(Func<WebSocket, Task> speak, WebSocketDeflateOptions? deflate = null)
    {
        await using var stream = new InMemoryStream(_ => [], mostPerRead: int.MaxValue);
        using var client = Over(stream, deflate);
        await speak(client);
        return stream.Written;
    }
}
