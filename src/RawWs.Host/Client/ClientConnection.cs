using System.Buffers;
using System.Net.WebSockets;

namespace RawWs.Host;

/// <summary>
/// An open connection. One thread at a time reads, and one sends. Reading is never cancelled, because that would drop TCP: it ends with the connection, which closes in good
/// order or is dropped soon after it was asked to.
/// </summary>
/// <param name="socket">Open, and this connection's own.</param>
internal sealed class ClientConnection(ClientWebSocket socket) : IDisposable
{
    private const int PieceSize = 16 * 1024;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _abandoned = new();
    private readonly ArrayBufferWriter<byte> _message = new();
    private bool _isClosing;

    /// <summary>The subprotocol that the server has chosen; null for none.</summary>
    public string? Subprotocol => socket.SubProtocol is { Length: > 0 } name ? name : null;

    /// <summary>The code of the server's close frame: 1000 also if it has none, which .NET does not tell apart; 0 if there was no close frame.</summary>
    public int CloseCode => (int)(socket.CloseStatus ?? 0);

    /// <summary>Whether the server has closed without complaint: with 1000, or with a close frame that says nothing.</summary>
    public bool IsWellClosed => socket.CloseStatus is WebSocketCloseStatus.NormalClosure;

    /// <summary>The close frame in words.</summary>
    public string CloseDescription => CloseText.Of(CloseCode, socket.CloseStatusDescription);

    /// <summary>The message that was read last, until the next is read.</summary>
    public ReadOnlyMemory<byte> Payload => _message.WrittenMemory;

    public WebSocketMessageType Type { get; private set; }

    /// <summary>Reads a whole message.</summary>
    /// <returns>Whether there is one: not behind the server's close frame, which is answered.</returns>
    /// <exception cref="ClientFailureException">It is larger than <paramref name="maxSize"/>, or the connection has failed.</exception>
    public async ValueTask<bool> ReadMessageAsync(int maxSize)
    {
        _message.ResetWrittenCount();
        while (true)
        {
            var received = await ReceiveAsync(_message.GetMemory(PieceSize));
            if (received.MessageType == WebSocketMessageType.Close)
                return false;

            _message.Advance(received.Count);
            if (_message.WrittenCount > maxSize)
            {
                await BeginCloseAsync(WebSocketCloseStatus.MessageTooBig);
                throw new ClientFailureException($"The server sent a message of more than {maxSize} bytes; --max-message-size takes larger ones.", isFinal: true);
            }

            Type = received.MessageType;
            if (received.EndOfMessage)
                return true;
        }
    }

    /// <summary>Reads a piece of a message. The server's close frame is answered.</summary>
    /// <exception cref="ClientFailureException">The connection has failed.</exception>
    public async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> piece)
    {
        try
        {
            var received = await socket.ReceiveAsync(piece, _abandoned.Token);
            if (received.MessageType == WebSocketMessageType.Close)
                await BeginCloseAsync(WebSocketCloseStatus.NormalClosure);

            return received;
        }
        catch (OperationCanceledException)
        {
            throw new ClientFailureException($"The server did not answer the close frame within {CloseTimeout.TotalSeconds} s.");
        }
        catch (ObjectDisposedException)
        {
            throw new ClientFailureException("The connection has ended.");
        }
        catch (WebSocketException error)
        {
            throw Failed(error);
        }
    }

    /// <summary>Sends a message, or a piece of it.</summary>
    /// <exception cref="ClientFailureException">The connection has failed, or is closing.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> payload, WebSocketMessageType type, bool endOfMessage = true)
    {
        try
        {
            await socket.SendAsync(payload, type, endOfMessage, _abandoned.Token);
        }
        catch (WebSocketException error)
        {
            throw Failed(error);
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            throw new ClientFailureException("The connection has ended.");
        }
    }

    /// <summary>
    /// Sends a close frame, if none has been sent; whoever reads goes on until the server's comes. After <see cref="CloseTimeout"/> the connection is dropped.
    /// </summary>
    public async ValueTask BeginCloseAsync(WebSocketCloseStatus code)
    {
        if (Interlocked.Exchange(ref _isClosing, true))
            return;

        _abandoned.CancelAfter(CloseTimeout);
        try
        {
            await socket.CloseOutputAsync(code, null, _abandoned.Token);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It is over anyway; whoever reads is told how.
        }
    }

    /// <summary>Reads what is left, up to the server's close frame. Nobody else may read meanwhile.</summary>
    /// <exception cref="ClientFailureException">It did not come.</exception>
    public async Task CloseAsync()
    {
        await BeginCloseAsync(WebSocketCloseStatus.NormalClosure);
        var discarded = new byte[PieceSize];
        while ((await ReceiveAsync(discarded)).MessageType != WebSocketMessageType.Close)
        {
            // What the server had sent before it saw our close frame.
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _abandoned.Dispose();
    }

    private static ClientFailureException Failed(WebSocketException error)
        => error.WebSocketErrorCode switch
        {
            WebSocketError.ConnectionClosedPrematurely => new("The server ended the connection without a close frame."),
            WebSocketError.InvalidState => new("The connection has ended."),
            _ => new($"The connection failed: {PrintableText.Of(error.Message)}"),
        };
}
