using System.Net.WebSockets;

namespace RawWs.Tests.Protocol;

/// <summary>The runtime's own WebSocket in the client's place: an implementation that shares no line with the one under test.</summary>
internal static class ManagedClient
{
    public static WebSocket Over(Stream stream)
        => WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = false, KeepAliveInterval = Timeout.InfiniteTimeSpan });

    /// <summary>Lets the client say something and returns the bytes. Its masking keys are random, as §5.3 demands; what they mask is not.</summary>
    public static async Task<byte[]> WireOf(Func<WebSocket, Task> speak)
    {
        await using var stream = new InMemoryStream(_ => [], mostPerRead: int.MaxValue);
        using var client = Over(stream);
        await speak(client);
        return stream.Written;
    }
}
