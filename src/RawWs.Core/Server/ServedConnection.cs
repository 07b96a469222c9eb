using System.Diagnostics;
using RawWs.Connections;
using RawWs.Diagnostics;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>
/// One connection from its acceptance to its end: the opening handshake under its deadline, the session, the closing. Owns every catch that there is
/// for it, so that what goes wrong here goes wrong for nobody else.
/// </summary>
internal sealed class ServedConnection(ServerCore core, TransportConnection transport, long id, AddressKey? address, RefusalReason? refusal) : Deadline
{
    private const int InTime = 0, Late = 1, Over = 2;

    private Handshaker? _handshaker;
    private WebSocketConnection? _webSocket;
    private int _isDraining;
    private int _handshakeStage = InTime;
    private long _openedAt;
    private Activity? _span;

    /// <summary>What it is counted by, null if by nothing.</summary>
    public AddressKey? Address => address;

    /// <summary>Why it is only told that it is not admitted; null if it is.</summary>
    public RefusalReason? Refusal => refusal;

    /// <summary>Whether its handshake has succeeded.</summary>
    public bool IsOpened => _webSocket is not null;

    public async Task RunAsync()
    {
        try
        {
            var session = await OpenAsync().ConfigureAwait(false);
            if (session is null)
            {
                await transport.CloseAsync().ConfigureAwait(false);
                return;
            }

            var webSocket = _webSocket!; // OpenAsync has set it.
            var (code, reason) = (CloseCode.NormalClosure, "");

            // Here, so that it is current while the session runs.
            if (_span is not null)
                Activity.Current = _span;

            try
            {
                await session(webSocket, webSocket.EndingToken).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // The top of the application's code for this connection.
                (code, reason) = CloseAfter(error);
            }
            finally
            {
                core.Rooms.Broadcaster.Remove(webSocket);
                webSocket.Membership?.End();
            }

            // A session that ends while the server stops mostly does so because of that.
            if (code == CloseCode.NormalClosure && core.DrainOptions is { } drain)
                (code, reason) = (drain.CloseCode, drain.Reason);

            await webSocket.FinishAsync(code, reason).ConfigureAwait(false);
            OnClosed(await webSocket.Closed.ConfigureAwait(false));
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
            core.Wheel.Cancel(this);
            await transport.DisposeAsync().ConfigureAwait(false);
            core.Admission.Remove(this);
        }
    }

    /// <summary>The server stops: the session of what is open is told, what is not open yet is refused.</summary>
    public void AnnounceDrain()
    {
        Interlocked.Exchange(ref _isDraining, 1);
        _webSocket?.AnnounceEnd();
        _handshaker?.Hurry();
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

    /// <summary>The handshake, or the wait for a refused client to go, takes too long.</summary>
    internal override void OnDue()
    {
        var stage = Interlocked.CompareExchange(ref _handshakeStage, Late, InTime);

        // It was accepted at the last moment.
        if (stage == Over)
            return;

        if (stage == InTime && _handshaker is { } handshaker)
        {
            Schedule(core.Options.CloseTimeout);
            handshaker.Hurry();
        }
        else
        {
            transport.Abort();
        }
    }

    /// <returns>The session to run; null if the client was refused or has gone.</returns>
    private async ValueTask<Func<WebSocketConnection, CancellationToken, Task>?> OpenAsync()
    {
        core.Wheel.ReadClock();
        Schedule(core.Options.HandshakeTimeout);
        var handshaker = new Handshaker(core, transport, id);

        if (refusal is { } reason)
        {
            await handshaker.RefuseAsync(reason).ConfigureAwait(false);
        }
        else
        {
            _handshaker = handshaker;
            if (core.IsDraining)
                handshaker.Hurry();

            var upgrade = await handshaker.RunAsync().ConfigureAwait(false);

            // Before there is no handshaker any more: a deadline that comes up here must not take the connection for a refused one.
            if (upgrade is not null)
                Interlocked.Exchange(ref _handshakeStage, Over);

            _handshaker = null;

            if (upgrade is not null)
            {
                core.Wheel.Cancel(this);
                Open(upgrade);
                return core.Routes.Find(upgrade.Path);
            }
        }

        Schedule(core.Options.CloseTimeout);
        return null;
    }

    private void Open(AcceptedUpgrade upgrade)
    {
        var webSocket = new WebSocketConnection(transport, core.ConnectionSettings, upgrade);
        webSocket.BeginKeepAlive();
        ServerLog.Opened(core.Logger, id, upgrade.Path, upgrade.RemoteEndPoint);

        _openedAt = core.Options.TimeProvider.GetTimestamp();
        if (ServerTracing.IsListening)
            _span = ServerTracing.BeginConnection(upgrade.Trace, id, upgrade.Path, upgrade.Subprotocol, upgrade.RemoteEndPoint);

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

    private void Schedule(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
            core.Wheel.Schedule(this, core.Wheel.Now + timeout.Ticks + DeadlineWheel.Tick.Ticks);
    }
}
