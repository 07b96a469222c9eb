using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace RawWs.Peers.Kestrel;

/// <summary>All who are to receive what one of them sends: a queue for each, and a loop that sends what is in it, as an application would do it.</summary>
internal sealed class Everybody
{
    private readonly ConcurrentDictionary<WebSocket, Channel<(byte[] Message, WebSocketMessageType Type)>> _queues = new();

    /// <summary>Adds a connection, and sends to it until it leaves or fails.</summary>
    public async Task JoinAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var queue = Channel.CreateUnbounded<(byte[] Message, WebSocketMessageType Type)>(new UnboundedChannelOptions { SingleReader = true });
        _queues[socket] = queue;
        try
        {
            await foreach (var (message, type) in queue.Reader.ReadAllAsync(cancellationToken))
                await socket.SendAsync(message.AsMemory(), type, endOfMessage: true, cancellationToken);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            // It has left, or whoever receives from it finds out why it can't.
        }
        finally
        {
            _queues.TryRemove(socket, out _);
        }
    }

    /// <summary>Queues a message for all, the sender included.</summary>
    public void Publish(byte[] message, WebSocketMessageType type)
    {
        foreach (var (_, queue) in _queues)
            queue.Writer.TryWrite((message, type));
    }
}
