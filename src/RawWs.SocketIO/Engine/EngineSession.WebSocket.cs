using System.Text;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

// What a WebSocket does: it carries the session from its start, or probes and takes over from polling.
internal sealed partial class EngineSession
{
    private static readonly byte[] Probe = Encoding.ASCII.GetBytes("2probe");
    private static readonly PreparedMessage ProbeAnswer = PreparedMessage.FromText("3probe");

    private bool _hasProbed;

    /// <summary>Carries the session from its start to its end.</summary>
    public Task RunAsync(WebSocketConnection connection, IEngineClient client)
    {
        bool hasEnded;
        lock (_gate)
        {
            hasEnded = _state == SessionState.Closed;
            if (!hasEnded)
            {
                (_client, _webSocket, _state) = (client, connection, SessionState.WebSocket);
                foreach (var packet in EngineHandshake.Encode(Id, _options, mayUpgrade: false))
                    Write_NeedsLock(packet);

                BeginHeartbeat_NeedsLock();
            }
        }

        if (hasEnded)
        {
            // As at the beginning of one on polling.
            client.Close(DisconnectReason.ServerShuttingDown);
            return Task.CompletedTask;
        }

        client.Open();
        return CarryAsync(connection);
    }

    /// <summary>Lets a WebSocket probe, and carry the session if the client wants it to.</summary>
    /// <returns>When the WebSocket is to be closed. The session goes on without it unless it was taken over.</returns>
    public async Task UpgradeAsync(WebSocketConnection connection)
    {
        lock (_gate)
        {
            if (_state != SessionState.Polling || _webSocket is not null)
                return;

            _webSocket = connection;
        }

        try
        {
            if (await TryTakeOverAsync(connection).ConfigureAwait(false))
                await CarryAsync(connection).ConfigureAwait(false);
        }
        finally
        {
            GiveUpProbe(connection);
        }
    }

    private async ValueTask<bool> TryTakeOverAsync(WebSocketConnection connection)
    {
        using var timeout = new CancellationTokenSource(_options.UpgradeTimeout, _options.TimeProvider);
        try
        {
            while (await connection.ReceiveAsync(timeout.Token).ConfigureAwait(false) is { Type: MessageType.Text } message)
            {
                if (message.Length == Probe.Length && message.ToArray().AsSpan().SequenceEqual(Probe))
                {
                    AnswerProbe(connection);
                }
                else if (message.Length == 1 && message.Payload.FirstSpan[0] == (byte)'0' + (byte)EnginePacketType.Upgrade)
                {
                    return await TakeOverAsync().ConfigureAwait(false);
                }
                else
                {
                    return false;
                }
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // The client took too long; polling goes on.
        }
        catch (WebSocketClosedException)
        {
            // It has gone between its probe and our answer; polling goes on.
        }

        return false;
    }

    // A poll from before the answer ends at once; one that the client begins behind it is held, however soon it comes.
    private void AnswerProbe(WebSocketConnection connection)
    {
        TaskCompletionSource<PollingBody>? poll;
        lock (_gate)
        {
            (_hasProbed, poll) = (true, _poll);
        }

        connection.Send(ProbeAnswer, Sending);
        if (poll is not null)
            ReleasePoll(poll);
    }

    // What waits goes first, then whatever is sent from now on. What a post brought comes before what this WebSocket brings.
    private async ValueTask<bool> TakeOverAsync()
    {
        Task? post;
        bool isClosing;
        lock (_gate)
        {
            if (_state is not (SessionState.Polling or SessionState.LastPoll))
                return false;

            isClosing = _state == SessionState.LastPoll;
            if (!isClosing)
                _state = SessionState.WebSocket;

            TakePoll_NeedsLock()?.SetResult(BodyOf(Noop));
            foreach (var packet in _queue.TakeAll())
                WriteBacklog_NeedsLock(packet);

            post = _post;
        }

        if (isClosing)
        {
            // Its client did not poll any more when it was closed: the close goes behind its last words here.
            End(DisconnectReason.ForcedServerClose);
            return false;
        }

        if (post is not null)
            await post.ConfigureAwait(false);

        return true;
    }

    // What could not be polled while the transport changed may be more than a WebSocket's queue holds, and that is nobody's fault: it waits as what is sent directly does, in its order, until the
    // client has read it or reads nothing any more.
    private void WriteBacklog_NeedsLock(EncodedPacket packet)
    {
        var sending = packet.IsCompressible ? SendingAll : SendingAll with { Uncompressed = true };
        foreach (var message in packet.MessagesFor(_format))
            _ = SendAsync(_webSocket!, message, sending); // It is the one that takes over.
    }

    private static async Task SendAsync(WebSocketConnection connection, PreparedMessage message, SendOptions sending)
    {
        try
        {
            await connection.SendAsync(message, sending).ConfigureAwait(false);
        }
        catch (WebSocketClosedException)
        {
            // Its session is told, and ends this one.
        }
    }

    private void GiveUpProbe(WebSocketConnection connection)
    {
        lock (_gate)
        {
            if (_state is (SessionState.Polling or SessionState.LastPoll) && _webSocket == connection)
                (_webSocket, _hasProbed) = (null, false);
        }
    }

    private async Task CarryAsync(WebSocketConnection connection)
    {
        var reason = DisconnectReason.TransportClose;
        try
        {
            // As a sequence: waiting for its next step takes no memory of its own, and that is where a session spends its life.
            await foreach (var message in connection.ReadMessagesAsync().ConfigureAwait(false))
            {
                if (message.Length > _options.MaxPayload)
                {
                    reason = DisconnectReason.TransportError;
                    _ = connection.CloseAsync(CloseCode.MessageTooBig, "the message is too large");
                    break;
                }

                if (!await ReceiveAsync(ToPacket(message)).ConfigureAwait(false))
                    break;
            }

            if (await HasFailedAsync(connection).ConfigureAwait(false))
                reason = DisconnectReason.TransportError;
        }
        catch (PacketException)
        {
            reason = DisconnectReason.ParseError;
        }
        catch (IOException)
        {
            // Reset, or too slow for what it is sent: for the session that is a fault, and no goodbye.
            reason = DisconnectReason.TransportError;
        }
        finally
        {
            End(reason);
        }
    }

    // The messages of a WebSocket end in the same way when its client closes it, and when we have failed it (RFC 6455 §7.1.7): for a frame or message that is none, too large, or not taken in time.
    private static async ValueTask<bool> HasFailedAsync(WebSocketConnection connection)
        => connection.Closed is { IsCompletedSuccessfully: true } closed
            && await closed.ConfigureAwait(false) is
            {
                Initiator: CloseInitiator.Local,
                SentCode: CloseCode.ProtocolError or CloseCode.InvalidPayloadData or CloseCode.PolicyViolation or CloseCode.MessageTooBig or CloseCode.TryAgainLater,
            };

    private EnginePacket ToPacket(WebSocketMessage message)
    {
        var data = message.Payload.IsSingleSegment ? message.Payload.First : message.ToArray();
        return message.Type switch
        {
            MessageType.Text => EnginePacket.Read(data, IsLegacy),
            _ when IsLegacy => EnginePacket.ReadLegacyBinary(data),
            _ => new EnginePacket(EnginePacketType.Message, data, IsBinary: true),
        };
    }
}
