using System.Net.WebSockets;

namespace RawWs.Benchmarks.Baselines;

/// <summary>The WebSocket of the runtime, as a server has it.</summary>
internal static class ManagedWebSocket
{
    /// <summary>One that is open, sends no pings, and owns <paramref name="stream"/>.</summary>
    public static WebSocket Over(Stream stream)
        => WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
}
