using System.Net;

namespace RawWs.SocketIO.Engine;

// Opening handshakes: of a session of its own, or of one that is on polling and wants to change.
internal sealed partial class EngineServer
{
    /// <summary>Decides about an opening handshake. What is refused is refused before there is a WebSocket.</summary>
    public async ValueTask<UpgradeResponse> DecideAsync(UpgradeRequest request, CancellationToken cancellationToken)
    {
        if (request.GetQueryValue("transport") is not { } transport || transport is not ("websocket" or "polling"))
            return Refuse(request, EngineError.TransportUnknown);

        if (transport == "polling")
            return Refuse(request, EngineError.BadRequest);

        if (request.GetQueryValue("sid") is { } sid)
        {
            return _sessions.TryGetValue(sid, out var session)
                ? UpgradeResponse.Accept(headers: HeadersFor(request), userState: session)
                : Refuse(request, EngineError.SessionUnknown);
        }

        var handshake = new Handshake(request, options.TimeProvider.GetUtcNow());
        if (options.AllowRequest is { } allow && await allow(handshake, cancellationToken).ConfigureAwait(false) is { } reason)
            return Refuse(request, EngineError.Forbidden with { Message = reason.Length == 0 ? EngineError.Forbidden.Message : reason });

        if (request.GetQueryValue("EIO") != "4")
            return Refuse(request, EngineError.UnsupportedProtocol);

        return SessionCount < options.MaxSessionCount && !_isClosed
            ? UpgradeResponse.Accept(headers: HeadersFor(request), userState: handshake)
            : UpgradeResponse.Refuse(HttpStatusCode.ServiceUnavailable, "there are too many clients", HeadersFor(request));
    }

    /// <summary>Carries a session, or lets it change to this WebSocket.</summary>
    public Task RunAsync(WebSocketConnection connection)
    {
        if (connection.UserState is EngineSession polling)
            return polling.UpgradeAsync(connection);

        // Between the handshake and now the last place may have been taken: then it is closed like any other.
        var handshake = (Handshake)connection.UserState!; // DecideAsync gave one or the other.
        return TryAdd() is { } session ? session.RunAsync(connection, makeClient(session, handshake)) : connection.CloseAsync(CloseCode.TryAgainLater);
    }

    private UpgradeResponse Refuse(UpgradeRequest request, EngineError error) => UpgradeResponse.Refuse(HttpStatusCode.BadRequest, error.Message, HeadersFor(request));

    private ResponseHeaders HeadersFor(UpgradeRequest request) => options.Cors?.HeadersFor(request.Origin) ?? [];
}
