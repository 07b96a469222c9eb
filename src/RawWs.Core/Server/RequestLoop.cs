using RawWs.Connections;
using RawWs.Http;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>
/// Reads one request after the other from a connection, and has each answered, until one opens a WebSocket or the connection comes to its end. Nothing is read
/// ahead: a request that comes too early waits in the network.
/// </summary>
/// <param name="core">The server.</param>
/// <param name="transport">The connection.</param>
/// <param name="id">The connection's number.</param>
/// <param name="deadline">Waits for the first head already.</param>
/// <param name="forwarded">Whose the requests of a trusted proxy are; null on any other connection.</param>
internal sealed class RequestLoop(ServerCore core, TransportConnection transport, long id, RequestDeadline deadline, ForwardedRequests? forwarded)
{
    /// <summary>After so many requests others have their turn, however many this client has sent already: one costs more than a frame.</summary>
    private const int MaxRequestsInARow = 16;

    private readonly WebSocketServerOptions _options = core.Options;
    private long _begunAt = core.Options.TimeProvider.GetTimestamp();
    private int _requestCount;
    private SequencePosition? _headEnd;
    private Handshaker? _handshaker;
    private HttpExchange? _exchange;

    /// <summary>Answers requests.</summary>
    /// <returns>The handshake that succeeded; null if the connection is to be closed. Bytes behind the last request's head are left where they are.</returns>
    /// <exception cref="IOException">The network ended the connection.</exception>
    public async ValueTask<AcceptedUpgrade?> RunAsync()
    {
        while (true)
        {
            _requestCount++;
            var (upgrade, goesOn) = await ServeAsync().ConfigureAwait(false);

            // The draining may have woken whoever read while a response was under way, and nobody waits for a head that it could wake.
            if (!goesOn || core.IsDraining)
                return upgrade;

            forwarded?.End();
            _begunAt = _options.TimeProvider.GetTimestamp();
            deadline.Begin(WaitingFor.NextRequest, _options.HttpIdleTimeout);
            if (_requestCount % MaxRequestsInARow == 0)
                await LetOthersAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the waiting, for the client or for the application: the time is up, or the server stops. From any thread.</summary>
    public void Hurry()
    {
        Volatile.Read(ref _handshaker)?.Hurry();
        if (core.IsDraining)
            Volatile.Read(ref _exchange)?.AnnounceEnd();

        transport.Input.CancelPendingRead();
    }

    // Where the connection belongs: this also brings it back there, if a handler has gone elsewhere.
    private async ValueTask LetOthersAsync()
    {
        var turn = new TaskCompletionSource();
        transport.Scheduler.Schedule(static turn => ((TaskCompletionSource)turn!).SetResult(), turn);
        await turn.Task.ConfigureAwait(false);
    }

    private async ValueTask<(AcceptedUpgrade? Upgrade, bool GoesOn)> ServeAsync()
    {
        using var head = new RequestHead(core.HeadLimits);
        var handshaker = new Handshaker(core, transport, id, _begunAt);
        HttpExchange? exchange;
        try
        {
            if (!await TryReadHeadAsync(head, handshaker).ConfigureAwait(false))
                return default;

            if (forwarded?.Begin(head) is { } reason)
            {
                BeginRefusal();
                await handshaker.RefuseAsync(reason).ConfigureAwait(false);
                return default;
            }

            OpeningHandshake.CheckRequest(head);
            if (core.IsDraining)
                throw handshaker.TooLate();

            exchange = BeginExchange(head);
            if (exchange is null)
            {
                if (_requestCount > 1)
                    deadline.Begin(WaitingFor.Head, _options.HandshakeTimeout);

                // Whoever comes second, this or the draining or the deadline, sees the other. The deadline of what came before at the last moment is not meant.
                Interlocked.Exchange(ref _handshaker, handshaker);
                if (core.IsDraining || deadline.IsLate)
                    handshaker.Hurry();

                return (await handshaker.AnswerAsync(head).ConfigureAwait(false), false);
            }
        }
        catch (RequestRefusedException refusal)
        {
            BeginRefusal();
            await handshaker.RefuseAsync(refusal).ConfigureAwait(false);
            return default;
        }
        finally
        {
            // The head was looked at where it lies; now its memory may go.
            if (_headEnd is { } end)
                transport.Input.AdvanceTo(end);

            _headEnd = null;
        }

        return (null, await RunAsync(exchange).ConfigureAwait(false));
    }

    // The first request has the deadline of the handshake, answer included. A later one may have none: a head that is there at once is not waited for.
    private void BeginRefusal()
    {
        if (_requestCount > 1)
            deadline.BeginWrite();
    }

    /// <returns>Whether there is a head; otherwise the connection ends without a word.</returns>
    private async ValueTask<bool> TryReadHeadAsync(RequestHead head, Handshaker handshaker)
    {
        var hasBegun = _requestCount == 1;
        while (true)
        {
            var result = await transport.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            var unread = result.Buffer;

            // Until the head is whole, nothing of it is given back: it is offered again from its start.
            _headEnd = unread.Start;
            if (head.TryRead(ref unread))
            {
                _headEnd = unread.Start;
                handshaker.IsOfHead = head.Method.SequenceEqual("HEAD"u8);
                return true;
            }

            if (result.IsCompleted)
                return false;

            // Whoever is between two requests is owed no answer. A read may also have been cancelled for what is over by now.
            if (deadline.IsLate || core.IsDraining)
                return hasBegun || !result.Buffer.IsEmpty ? throw handshaker.TooLate() : false;

            if (!hasBegun && !result.Buffer.IsEmpty)
            {
                hasBegun = true;
                deadline.Begin(WaitingFor.Head, _options.HandshakeTimeout);
            }

            transport.Input.AdvanceTo(consumed: result.Buffer.Start, examined: result.Buffer.End);
            _headEnd = null;
        }
    }

    /// <returns>Null if the request is, or should be, an opening handshake.</returns>
    private HttpExchange? BeginExchange(RequestHead head)
    {
        // Whoever asks for a WebSocket is not answered with something else: what a proxy carries from then on would be read as requests.
        if (OpeningHandshake.IsAskedFor(head) || core.HttpRoutes.Find(head.Target.Path) is not { } route)
            return null;

        // In this order: the refusal of a request that has no exchange is written under the deadline that there is.
        var exchange = new HttpExchange(
            head, route, transport, deadline, core.ExchangeSettings, id, isLast: _requestCount >= _options.MaxRequestsPerConnection);
        deadline.End();
        return exchange;
    }

    private async ValueTask<bool> RunAsync(HttpExchange exchange)
    {
        // Whoever comes second, this or the draining, sees the other.
        Interlocked.Exchange(ref _exchange, exchange);
        if (core.IsDraining)
            exchange.AnnounceEnd();

        var goesOn = await exchange.RunAsync().ConfigureAwait(false);
        Interlocked.Exchange(ref _exchange, null);
        return goesOn;
    }
}
