using System.Collections.Concurrent;
using System.Net;

namespace RawWs.SocketIO.Engine;

/// <summary>All Engine.IO sessions of a server, and what requests to it are answered.</summary>
/// <param name="options">The application's options.</param>
/// <param name="engineOptions">What of them is the sessions'.</param>
/// <param name="makeClient">Makes what a new session carries messages for.</param>
internal sealed partial class EngineServer(SocketIOServerOptions options, EngineOptions engineOptions, Func<EngineSession, Handshake, IEngineClient> makeClient)
{
    private const string TextType = "text/plain; charset=UTF-8", OkType = "text/html", ErrorType = "application/json";

    private readonly ConcurrentDictionary<string, EngineSession> _sessions = new(StringComparer.Ordinal);
    private int _sessionCount;
    private volatile bool _isClosed;

    /// <summary>How many sessions there are.</summary>
    public int SessionCount => Volatile.Read(ref _sessionCount);

    /// <summary>How many sessions there are on each transport. Looks at each of them.</summary>
    public (int Polling, int WebSocket) CountByTransport()
    {
        var (count, webSocketCount) = (0, 0);
        foreach (var (_, session) in _sessions)
        {
            count++;
            if (session.IsOnWebSocket)
                webSocketCount++;
        }

        return (count - webSocketCount, webSocketCount);
    }

    /// <summary>Ends all sessions and takes no new ones.</summary>
    public void Close()
    {
        _isClosed = true;
        foreach (var session in _sessions.Values)
            session.End(DisconnectReason.ServerShuttingDown);
    }

    /// <summary>Answers a request that asks for no WebSocket.</summary>
    public async ValueTask<HttpResponse> AnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.Method == "OPTIONS" && options.Cors is { } cors)
            return HttpResponse.Empty(headers: cors.PreflightHeadersFor(request.Origin, request.GetHeader("Access-Control-Request-Headers")));

        var isPolling = request.GetQueryValue("transport") == "polling";
        if (!isPolling && request.GetQueryValue("transport") != "websocket")
            return Refuse(request, EngineError.TransportUnknown);

        if (request.GetQueryValue("sid") is { } sid)
        {
            if (!_sessions.TryGetValue(sid, out var session))
                return Refuse(request, EngineError.SessionUnknown);

            return isPolling ? await AnswerAsync(request, session, cancellationToken).ConfigureAwait(false) : Refuse(request, EngineError.BadRequest);
        }

        if (request.Method != "GET")
            return Refuse(request, EngineError.BadHandshakeMethod);

        return isPolling ? await BeginAsync(request, cancellationToken).ConfigureAwait(false) : Refuse(request, EngineError.BadRequest);
    }

    private async ValueTask<HttpResponse> BeginAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var handshake = new Handshake(request, options.TimeProvider.GetUtcNow());
        if (options.AllowRequest is { } allow && await allow(handshake, cancellationToken).ConfigureAwait(false) is { } reason)
            return Refuse(request, EngineError.Forbidden with { Message = reason.Length == 0 ? EngineError.Forbidden.Message : reason });

        if (request.GetQueryValue("EIO") != "4")
            return Refuse(request, EngineError.UnsupportedProtocol);

        if (engineOptions.Detached.Value >= options.MaxDetachedSessionCount || TryAdd() is not { } session)
            return HttpResponse.Text("there are too many clients", status: HttpStatusCode.ServiceUnavailable, headers: HeadersFor(request, ("Retry-After", "5")));

        return HttpResponse.Bytes(session.BeginPolling(makeClient(session, handshake)), TextType, headers: HeadersFor(request, ("Cache-Control", "no-store")));
    }

    private async ValueTask<HttpResponse> AnswerAsync(HttpRequest request, EngineSession session, CancellationToken cancellationToken)
    {
        switch (request.Method)
        {
            case "GET":
                var poll = await session.PollAsync(cancellationToken).ConfigureAwait(false);
                return Answer(request, poll, poll.Body, TextType);

            case "POST" when request.GetHeader("Content-Type") is { } type && type.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase):
                // What protocol 3 sends in this way has another form.
                session.End(DisconnectReason.TransportError);
                return Answer(request, PollOutcome.Violation, default, OkType);

            case "POST":
                return Answer(request, await PostAsync(request, session, cancellationToken).ConfigureAwait(false), "ok"u8.ToArray(), OkType);

            default:
                return HttpResponse.Empty(HttpStatusCode.InternalServerError, HeadersFor(request));
        }
    }

    private static async ValueTask<PollOutcome> PostAsync(HttpRequest request, EngineSession session, CancellationToken cancellationToken)
    {
        try
        {
            return await session.PostAsync(() => request.ReadBodyAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (IOException) when (request.BodyLength is not null)
        {
            // The client has gone in the midst of it. Of a body in chunks that can't be told from one that is too large, which costs the session nothing.
            session.End(DisconnectReason.TransportError);
            throw;
        }
    }

    private HttpResponse Answer(HttpRequest request, PollOutcome outcome, ReadOnlyMemory<byte> body, string type)
    {
        if (outcome.Error is { } error)
            return Refuse(request, error);

        return outcome.IsViolation
            ? HttpResponse.Empty(HttpStatusCode.BadRequest, HeadersFor(request))
            : HttpResponse.Bytes(body, type, headers: HeadersFor(request, ("Cache-Control", "no-store")));
    }

    private HttpResponse Refuse(HttpRequest request, EngineError error)
        => HttpResponse.Bytes(
            EngineErrorJson.Write(error), ErrorType, error.Code == EngineError.Forbidden.Code ? HttpStatusCode.Forbidden : HttpStatusCode.BadRequest, HeadersFor(request));

    private ResponseHeaders HeadersFor(HttpRequest request, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var headers = options.Cors?.HeadersFor(request.Origin) ?? [];
        foreach (var (name, value) in more)
            headers.Add(name, value);

        return headers;
    }

    /// <returns>Null if there are too many, or none is taken any more.</returns>
    private EngineSession? TryAdd()
    {
        if (Interlocked.Increment(ref _sessionCount) > options.MaxSessionCount || _isClosed)
        {
            Interlocked.Decrement(ref _sessionCount);
            return null;
        }

        var session = new EngineSession(engineOptions, Remove);
        _sessions[session.Id] = session;

        // Whoever comes second, this or the closing, sees the other.
        if (_isClosed)
            session.End(DisconnectReason.ServerShuttingDown);

        return session;
    }

    private void Remove(EngineSession session)
    {
        if (_sessions.TryRemove(session.Id, out _))
            Interlocked.Decrement(ref _sessionCount);
    }
}
