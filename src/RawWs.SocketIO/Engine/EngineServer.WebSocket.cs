using System.Net;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

// Opening handshakes: of a session of its own, or of one that is on polling and wants to change.
internal sealed partial class EngineServer
{
    /// <summary>Decides about an opening handshake. What is refused is refused before there is a WebSocket.</summary>
    public async ValueTask<UpgradeResponse> DecideAsync(UpgradeRequest http, CancellationToken cancellationToken)
    {
        var request = new EngineRequest(new Handshake(http, options.TimeProvider.GetUtcNow()));
        if (CheckTransport(request) is { } unknown)
            return RefuseWebSocket(request, unknown);

        if (request.Transport == "polling")
            return RefuseWebSocket(request, EngineError.NoUpgrade);

        if (request.Sid is { } sid)
        {
            if (Find(request, sid, out var session) is { } mismatch)
                return RefuseWebSocket(request, mismatch);

            return options.AllowUpgrades
                ? UpgradeResponse.Accept(headers: _headers.ForWebSocket(request, isFirst: false), userState: session)
                : RefuseWebSocket(request, EngineError.NoUpgrade);
        }

        var (error, id) = await AdmitAsync(request, cancellationToken).ConfigureAwait(false);
        if (error is not null)
            return RefuseWebSocket(request, error);

        if (SessionCount < options.MaxSessionCount && !_isClosed)
            return UpgradeResponse.Accept(headers: _headers.ForWebSocket(request, isFirst: true), userState: new Admitted(request.Handshake, id, request.Format));

        Report(request, EngineError.TooManyClients);
        return UpgradeResponse.Refuse(HttpStatusCode.ServiceUnavailable, EngineError.TooManyClients.Message, _headers.ForRefusal(request));
    }

    /// <summary>Carries a session, or lets it change to this WebSocket.</summary>
    public Task RunAsync(WebSocketConnection connection)
    {
        if (connection.UserState is EngineSession polling)
            return polling.UpgradeAsync(connection);

        // Between the handshake and now the last place may have been taken: then it is closed like any other.
        var admitted = (Admitted)connection.UserState!; // DecideAsync gave one or the other.
        if (TryAdd(admitted.Id, admitted.Format) is { } session)
            return session.RunAsync(connection, makeClient(session, admitted.Handshake));

        Report(new EngineRequest(admitted.Handshake), EngineError.TooManyClients);
        return connection.CloseAsync(CloseCode.TryAgainLater);
    }

    private UpgradeResponse RefuseWebSocket(EngineRequest request, EngineError error)
    {
        Report(request, error);
        return UpgradeResponse.Refuse(HttpStatusCode.BadRequest, error.Message, _headers.ForRefusal(request));
    }

    /// <summary>Who may begin a session on a WebSocket.</summary>
    private sealed record Admitted(Handshake Handshake, string Id, PacketFormat Format);
}
