using System.Text.Json;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

// How a client comes into a namespace: anew, or as what it was before it lost its connection.
internal sealed partial class ClientConnection
{
    // Of what a client names itself by: ours have 20 characters, and adapters look for it elsewhere.
    private const int MaxRecoveryTextLength = 128;

    // Of a client that asks again and again before it is anywhere.
    private const int MaxRepeatCount = 8;

    private async Task ConnectAsync(Packet packet)
    {
        var request = ConnectRequest.Read(packet, Session.IsLegacy, _server.PacketLimits);

        // Before the application is asked: one name is asked for once at a time, and only so many are.
        if (request.Namespace.Length <= PacketLimits.MaxNamespaceLength && TryReserve(request.Namespace))
        {
            for (var next = request; next is not null;)
                next = await DecideAsync(next).ConfigureAwait(false);
        }
        else if (!TryRepeat(request))
        {
            Session.Close(DisconnectReason.ForcedClose);
        }
    }

    /// <returns>What is to be decided instead, if the client has asked again meanwhile, and this is not what it wants to hear.</returns>
    private async Task<ConnectRequest?> DecideAsync(ConnectRequest request)
    {
        var (name, auth) = request;
        SocketIONamespace? nsp = null;
        var isIn = false;
        try
        {
            nsp = await _server.Namespaces.HoldAsync(name, auth).ConfigureAwait(false) ?? throw new ConnectErrorException("Invalid namespace");
            if (!await nsp.InitializeAsync().ConfigureAwait(false))
                throw new ConnectErrorException("internal error");

            var socket = await TryRecoverAsync(nsp, auth).ConfigureAwait(false) ?? await MakeSocketAsync(nsp, auth).ConfigureAwait(false);
            isIn = TryAdd(socket, request, out var other);
            if (isIn)
                socket.Connect();
            else if (socket.IsSentAway)
                SendAway(socket);
            else
                socket.Abandon();

            return other;
        }
        catch (Exception error)
        {
            // The top of the application's code for this client: its middlewares, its adapter, and what decides about names.
            if (error is not ConnectErrorException)
                _server.Log.MiddlewareFailed(name, error);

            // Whoever has asked again is told what becomes of that.
            var next = TakeRepeated(name);
            if (next is null)
                Refuse(name, error as ConnectErrorException ?? new ConnectErrorException("internal error"), isKnown: nsp is not null);

            return next;
        }
        finally
        {
            if (!isIn && nsp is not null)
                _server.Namespaces.Release(nsp);
        }
    }

    // A page asks twice if it connects, disconnects and connects again before it has heard that it is in: it does not say that it has left where it was not yet. One that has heard
    // nothing, because it had left when it was told, is told again; one that says something else than before is somebody else.
    private bool TryRepeat(ConnectRequest request)
    {
        SocketIOSocket? socket;
        lock (Gate)
        {
            if (_isClosed || ++_repeatCount > MaxRepeatCount)
                return false;

            if (_namespaces.TryRemember(request))
                return true;

            socket = _namespaces.Find(request.Namespace);
        }

        return socket is not null && request.Says(socket.Handshake.Auth) && socket.TryReplyAgain();
    }

    private void SendAway(SocketIOSocket socket)
    {
        socket.Dismiss();
        Unreserve(socket.Namespace.Name);
        Session.Send(socket.Namespace.Encode(PacketType.Disconnect));
    }

    private async Task<SocketIOSocket> MakeSocketAsync(SocketIONamespace nsp, JsonElement auth)
    {
        var legacyId = Session.IsLegacy ? LegacyClients.SocketIdFor(Session, nsp.Name) : null;
        var socket = new SocketIOSocket(this, nsp, _handshake.With(auth), legacyId: legacyId);
        await AskMiddlewaresAsync(socket).ConfigureAwait(false);
        return socket;
    }

    /// <returns>Null if there is nothing to recover: then the client begins anew.</returns>
    private async Task<SocketIOSocket?> TryRecoverAsync(SocketIONamespace nsp, JsonElement auth)
    {
        if (_options.ConnectionStateRecovery is not { } recovery || Session.IsLegacy || auth.ValueKind != JsonValueKind.Object || !auth.TryGetProperty("pid"u8, out var pid))
            return null;

        var hasOffset = auth.TryGetProperty("offset"u8, out var offset);
        var socket = TextOf(pid) is { } privateId && (!hasOffset || TextOf(offset) is not null)
            ? await TryRecoverAsync(nsp, auth, privateId, hasOffset ? TextOf(offset) : null, recovery.SkipMiddlewares).ConfigureAwait(false)
            : null;
        _server.Metrics.Recovered(socket is not null);
        return socket;
    }

    private async Task<SocketIOSocket?> TryRecoverAsync(SocketIONamespace nsp, JsonElement auth, string privateId, string? offset, bool skipsMiddlewares)
    {
        // Who has not lost its connection, as far as is known, keeps its id; and so does the first of two that come back at once.
        if (await nsp.Adapter.RestoreSessionAsync(privateId, offset).ConfigureAwait(false) is not { } session || !nsp.TryReserveId(session.SocketId))
            return null;

        try
        {
            var socket = new SocketIOSocket(this, nsp, _handshake.With(auth), session);
            if (!skipsMiddlewares)
                await AskMiddlewaresAsync(socket).ConfigureAwait(false);

            return await socket.TryReturnAsync(offset).ConfigureAwait(false) ? socket : null;
        }
        finally
        {
            nsp.UnreserveId(session.SocketId);
        }
    }

    /// <returns>Null for what is no text, or none of ours.</returns>
    private static string? TextOf(JsonElement value)
        => value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= MaxRecoveryTextLength } text ? text : null;

    private static async Task AskMiddlewaresAsync(SocketIOSocket socket)
    {
        var isAccepted = false;
        try
        {
            foreach (var middleware in socket.Namespace.Middlewares)
                await middleware(socket).ConfigureAwait(false);

            isAccepted = true;
        }
        finally
        {
            if (!isAccepted)
                socket.Dismiss();
        }
    }

    // A namespace that is not there is told to all clients alike.
    private void Refuse(string nsp, ConnectErrorException error, bool isKnown)
    {
        var isLegacy = Session.IsLegacy && isKnown;
        byte[] payload;
        try
        {
            payload = isLegacy ? LegacyClients.WriteRefusal(_server.Json, error) : _server.Json.Write(new ConnectRefusal(error.Message, error.Details));
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException or InvalidOperationException)
        {
            // The application's details can't be written; the client is told the rest.
            _server.Log.MiddlewareFailed(nsp, failure);
            payload = isLegacy ? _server.Json.Write(error.Message) : _server.Json.Write(new ConnectRefusal(error.Message));
        }

        Session.Send(_options.Parser.Encode(PacketType.ConnectError, nsp, null, payload, []));
    }
}
