using System.Collections.Concurrent;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

/// <summary>All Engine.IO sessions of a server, and who begins one. This part is what HTTP requests and opening handshakes have in common.</summary>
/// <param name="options">The application's options.</param>
/// <param name="engineOptions">What of them is the sessions'.</param>
/// <param name="log">Where failures of the application go.</param>
/// <param name="makeClient">Makes what a new session carries messages for.</param>
internal sealed partial class EngineServer(
    SocketIOServerOptions options, EngineOptions engineOptions, SocketIOLog log, Func<EngineSession, Handshake, IEngineClient> makeClient)
{
    private readonly ConcurrentDictionary<string, EngineSession> _sessions = new(StringComparer.Ordinal);
    private readonly EngineHeaders _headers = new(options);
    private Action<EngineSession>? _remove;
    private int _sessionCount;
    private volatile bool _isClosed;

    /// <summary>How many sessions there are.</summary>
    public int SessionCount => Volatile.Read(ref _sessionCount);

    /// <summary>How many sessions nothing carries at this moment.</summary>
    public int DetachedSessionCount => engineOptions.Detached.Value;

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

    /// <summary>Whether a request names a transport that is enabled.</summary>
    private EngineError? CheckTransport(EngineRequest request)
    {
        var transport = request.Transport switch
        {
            "polling" => SocketIOTransports.Polling,
            "websocket" => SocketIOTransports.WebSocket,
            _ => SocketIOTransports.None,
        };
        return (options.Transports & transport) == 0 ? EngineError.TransportUnknown.With(("transport", request.Transport ?? "")) : null;
    }

    /// <summary>Finds the session that a request is for. Each of its requests names the protocol that it began with.</summary>
    private EngineError? Find(EngineRequest request, string sid, out EngineSession? session)
    {
        if (!_sessions.TryGetValue(sid, out session))
            return EngineError.SessionUnknown.With(("sid", sid));

        return session.IsLegacy == request.IsLegacy
            ? null
            : EngineError.BadRequest.With(("name", "PROTOCOL_MISMATCH"), ("protocol", NumberOf(request.IsLegacy)), ("previousProtocol", NumberOf(session.IsLegacy)));

        static string NumberOf(bool isLegacy) => isLegacy ? "3" : "4";
    }

    /// <summary>Whether a session may begin, and with which id.</summary>
    private async ValueTask<(EngineError? Error, string Id)> AdmitAsync(EngineRequest request, CancellationToken cancellationToken)
    {
        if (options.AllowRequest is { } allow && await allow(request.Handshake, cancellationToken).ConfigureAwait(false) is { } reason)
            return (Forbidden(reason), "");

        if (request.IsLegacy && !options.AllowEio3)
            return (EngineError.UnsupportedProtocol.With(("protocol", "3")), "");

        if (request.IsForeignScript)
            return (Forbidden("a page of another site may not connect with cookies in this way"), "");

        if (options.GenerateId is not { } generate)
            return (null, SessionId.New());

        try
        {
            return await generate(request.Handshake, cancellationToken).ConfigureAwait(false) is { Length: > 0 } id && !_sessions.ContainsKey(id)
                ? (null, id)
                : (EngineError.BadRequest.With(("name", "ID_GENERATION_ERROR"), ("error", "the id is empty or taken")), "");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.GenerateIdFailed(error);
            return (EngineError.BadRequest.With(("name", "ID_GENERATION_ERROR"), ("error", error.Message)), "");
        }
    }

    private static EngineError Forbidden(string reason)
    {
        var message = reason.Length == 0 ? EngineError.Forbidden.Message : reason;
        return (EngineError.Forbidden with { Message = message }).With(("message", message));
    }

    private void Report(EngineRequest request, EngineError error)
        => options.OnConnectionError?.Invoke(new ConnectionError(request.Handshake, error.Code, error.Message, error.Context));

    /// <returns>Null if there are too many, or none is taken any more.</returns>
    private EngineSession? TryAdd(string id, PacketFormat format)
    {
        if (Interlocked.Increment(ref _sessionCount) > options.MaxSessionCount || _isClosed)
        {
            Interlocked.Decrement(ref _sessionCount);
            return null;
        }

        // One delegate for all sessions, which keep it.
        var session = new EngineSession(engineOptions, id, format, _remove ??= Remove);
        if (!_sessions.TryAdd(id, session))
        {
            // An application that gives an id twice at the same moment: the first one has it.
            session.Dispose();
            Interlocked.Decrement(ref _sessionCount);
            return null;
        }

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
