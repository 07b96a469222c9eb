using System.Diagnostics;
using Microsoft.Extensions.Logging;
using RawWs.Connections;
using RawWs.Diagnostics;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>
/// One connection from its acceptance to its end: its requests under their deadlines, the session, the closing. Owns every catch that there is
/// for it, so that what goes wrong here goes wrong for nobody else.
/// </summary>
internal sealed class ServedConnection(ServerCore core, TransportConnection transport, long id, AddressKey? address, RefusalReason? refusal) : IListed
{
    private WebSocketConnection? _webSocket;

    // Null before and after its opening.
    private Opening? _opening;
    private int _isDraining;
    private long _openedAt;
    private Activity? _span;

    /// <summary>A number that no other connection of the server has.</summary>
    public long Id => id;

    /// <summary>What it is counted by, null if by nothing. <see cref="Admission"/>'s, under its lock.</summary>
    public AddressKey? Address { get; set; } = address;

    /// <summary>Why it is only told that it is not admitted; null if it is.</summary>
    public RefusalReason? Refusal => refusal;

    /// <summary>Whether its handshake has succeeded.</summary>
    public bool IsOpened => _webSocket is not null;

    /// <inheritdoc/>
    int IListed.Place { get; set; } = -1;

    /// <summary>Serves it to its end. Never fails.</summary>
    public async Task RunAsync()
    {
        try
        {
            // Here a connection spends its life: what comes before its session and after it is in methods of its own, whose state is gone or not there yet.
            await OpenAsync().ConfigureAwait(false);
            if (IsOpened)
            {
                Exception? failure = null;
                try
                {
                    await RunSessionAsync().ConfigureAwait(false);
                }
                catch (Exception error)
                {
                    // The top of the application's code for this connection.
                    failure = error;
                }

                await FinishAsync(failure).ConfigureAwait(false);
            }
        }
        catch (IOException error)
        {
            ServerLog.HandshakeCut(core.Logger, id, error.Message);
        }
        catch (Exception error)
        {
            // The top of the connection. What peers and applications do wrong has been dealt with below; this is a fault of ours.
            ServerLog.ServingFailed(core.Logger, id, error);
        }
        finally
        {
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The server stops: the session of what is open is told, what is not open yet is refused.</summary>
    public void AnnounceDrain()
    {
        Interlocked.Exchange(ref _isDraining, 1);
        _webSocket?.AnnounceEnd();
        Volatile.Read(ref _opening)?.AnnounceDrain(core.Options.CloseTimeout);
    }

    /// <summary>The server stops, and it is this connection's turn to be closed.</summary>
    public void CloseForDrain(DrainOptions drain) => _webSocket?.BeginClose(drain.CloseCode, drain.Reason);

    public void Abort()
    {
        if (_webSocket is { } webSocket)
            webSocket.Abort();
        else
            transport.Abort();
    }

    /// <summary>Serves its requests until it is a WebSocket, or to its end.</summary>
    private async Task OpenAsync()
    {
        core.Wheels.Of(transport.Scheduler).ReadClock();
        var deadline = new RequestDeadline(core, transport) { OnLate = OnLate };
        var opening = new Opening(deadline);
        Volatile.Write(ref _opening, opening);
        try
        {
            if (await TryUpgradeAsync(opening).ConfigureAwait(false) is { } upgrade)
            {
                // Before anything else: a deadline that comes up here must not take the connection for a refused one.
                deadline.End();
                Open(upgrade);
                return;
            }

            deadline.Begin(WaitingFor.Peer, core.Options.CloseTimeout);
            await transport.CloseAsync().ConfigureAwait(false);
        }
        finally
        {
            deadline.End();
            Volatile.Write(ref _opening, null);
        }
    }

    /// <returns>What was agreed on; null if the connection never becomes a WebSocket.</returns>
    private async ValueTask<AcceptedUpgrade?> TryUpgradeAsync(Opening opening)
    {
        var deadline = opening.Deadline;
        var acceptedAt = core.Options.TimeProvider.GetTimestamp();

        // Who is only told that he is not admitted holds up whoever stops the server no longer than that, also where handshakes have no deadline.
        var timeout = core.Options.HandshakeTimeout;
        deadline.Begin(
            refusal is null ? WaitingFor.Head : WaitingFor.Peer,
            refusal is null || timeout != Timeout.InfiniteTimeSpan ? timeout : core.Options.CloseTimeout);
        var lateRefusal = default(RefusalReason?);
        if (transport is TlsConnection or ProxiedConnection)
        {
            var preamble = new Preamble(core, this, transport, deadline, acceptedAt);
            opening.Begin(preamble);
            if (!await preamble.RunAsync().ConfigureAwait(false))
                return null;

            lateRefusal = preamble.Refusal;
        }

        if ((refusal ?? lateRefusal) is { } reason)
        {
            var handshaker = new Handshaker(core, transport, id, acceptedAt);
            await handshaker.RefuseAsync(reason).ConfigureAwait(false);
            return null;
        }

        var forwarded = core.TrustedPeers.Forwards(transport) ? BeginForwarding() : null;
        var requests = new RequestLoop(core, transport, id, deadline, forwarded);

        // Whoever comes second, this or the draining or the deadline, sees the other.
        opening.Begin(requests);
        if (core.IsDraining || deadline.IsLate)
            requests.Hurry();

        var upgrade = await requests.RunAsync().ConfigureAwait(false);
        opening.EndRequests();
        return upgrade;
    }

    /// <summary>It is a trusted proxy's: from now on the other end is whoever that names.</summary>
    private ForwardedRequests BeginForwarding()
    {
        var forwarded = new ProxiedConnection(transport);
        transport = forwarded;
        return new ForwardedRequests(core, this, forwarded);
    }

    // Before the first request there is nothing in which it could be answered.
    private void OnLate()
    {
        if (Volatile.Read(ref _opening) is not { } opening)
            return;

        if (opening.IsInPreamble)
            transport.Abort();
        else
            opening.Hurry();
    }

    private Task RunSessionAsync()
    {
        var webSocket = _webSocket!; // It is open.

        // Here, so that it is current while the session runs.
        if (_span is not null)
            Activity.Current = _span;

        return core.Routes.Find(webSocket.Path)!.Session(webSocket, webSocket.EndingToken); // Its path was looked up in the handshake.
    }

    /// <summary>Closes it after its session.</summary>
    /// <param name="failure">What the session has thrown, null if nothing.</param>
    private async Task FinishAsync(Exception? failure)
    {
        var webSocket = _webSocket!; // It has been opened.
        core.Rooms.Broadcaster.Remove(webSocket);
        webSocket.Membership?.End();

        var (code, reason) = failure is null ? (CloseCode.NormalClosure, "") : CloseAfter(failure);

        // A session that ends while the server stops mostly does so because of that.
        if (code == CloseCode.NormalClosure && core.DrainOptions is { } drain)
            (code, reason) = (drain.CloseCode, drain.Reason);

        OnClosed(await webSocket.FinishAsync(code, reason).ConfigureAwait(false));
    }

    private void Open(AcceptedUpgrade upgrade)
    {
        var webSocket = new WebSocketConnection(transport, core.ConnectionSettings, upgrade);
        webSocket.BeginKeepAlive();
        if (core.Logger.IsEnabled(LogLevel.Debug))
            ServerLog.Opened(core.Logger, id, upgrade.Path, webSocket.RemoteEndPoint);

        _openedAt = core.Options.TimeProvider.GetTimestamp();
        if (ServerTracing.IsListening)
            _span = ServerTracing.BeginConnection(upgrade.Trace, id, upgrade.Path, upgrade.Subprotocol, webSocket.RemoteEndPoint, webSocket.PeerEndPoint);

        core.Metrics.ConnectionOpened();
        core.Rooms.Broadcaster.Add(webSocket);

        // Whoever comes second, this or the draining, sees the other.
        Interlocked.Exchange(ref _webSocket, webSocket);
        core.Admission.EndHandshake();

        // Its turn may have passed while it opened.
        if (Volatile.Read(ref _isDraining) == 1 && core.DrainOptions is { } drain)
        {
            AnnounceDrain();
            CloseForDrain(drain);
        }
    }

    private async Task LeaveAsync()
    {
        try
        {
            await transport.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Somebody else's transport: the connection has ended all the same, and its place is free.
            ServerLog.DroppingFailed(core.Logger, error);
        }

        core.Admission.Remove(this);
    }

    private void OnClosed(CloseResult result)
    {
        core.Metrics.ConnectionClosed(result, core.Options.TimeProvider.GetElapsedTime(_openedAt));
        ServerTracing.EndConnection(_span, result);
        ServerLog.Closed(core.Logger, id, result);
    }

    private (CloseCode Code, string Reason) CloseAfter(Exception error)
    {
        // It was waiting for something of a connection that ended meanwhile.
        if (IsOrdinaryEnd(error, _webSocket!)) // The session ran.
            return (CloseCode.NormalClosure, "");

        // What peers can bring about is not the application's fault.
        if (error is RoomLimitException limit)
            return (limit.CloseCode, limit.CloseReason);

        core.Metrics.SessionFailed();
        ServerLog.SessionFailed(core.Logger, id, _webSocket!.Path, error);
        return (CloseCode.InternalError, "internal error");
    }

    private static bool IsOrdinaryEnd(Exception error, WebSocketConnection webSocket) => error switch
    {
        WebSocketClosedException => true,
        OperationCanceledException => webSocket.EndingToken.IsCancellationRequested,
        _ => false,
    };
}
