using System.Diagnostics.Metrics;

namespace RawWs.SocketIO;

/// <summary>What a server counts: see docs/socketio.md for every instrument. Costs nothing while nobody listens to the meter.</summary>
internal sealed class SocketIOMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "RawWs.SocketIO";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _received, _sent, _dropped, _ackTimeouts, _recoveries, _disconnections;
    private readonly UpDownCounter<long> _sockets, _pendingAcks;

    public SocketIOMetrics()
    {
        _sockets = _meter.CreateUpDownCounter<long>("rawws.socketio.sockets", "{socket}", "Sockets that are connected, in all namespaces.");
        _received = _meter.CreateCounter<long>("rawws.socketio.packets.received", "{packet}", "Packets that clients have sent, by their type.");
        _sent = _meter.CreateCounter<long>("rawws.socketio.packets.sent", "{packet}", "Packets for single sockets, a broadcast counted for each, that were sent or wait.");
        _dropped = _meter.CreateCounter<long>("rawws.socketio.packets.dropped", "{packet}", "Packets that were dropped: volatile ones that a connection could not take at once, and what came after its end.");
        _pendingAcks = _meter.CreateUpDownCounter<long>("rawws.socketio.acks.pending", "{ack}", "Answers of clients that are waited for.");
        _ackTimeouts = _meter.CreateCounter<long>("rawws.socketio.acks.timed_out", "{ack}", "Questions, to one socket or to many, whose time was up before all had answered.");
        _recoveries = _meter.CreateCounter<long>("rawws.socketio.recoveries", "{recovery}", "Attempts to recover a connection, by whether they succeeded.");
        _disconnections = _meter.CreateCounter<long>("rawws.socketio.disconnections", "{socket}", "Sockets that have been disconnected, by the reason.");
    }

    /// <summary>Lets be asked how many sessions there are on each transport.</summary>
    public void ObserveSessions(Func<(int Polling, int WebSocket)> measure)
        => _meter.CreateObservableUpDownCounter(
            "rawws.socketio.sessions",
            () =>
            {
                var (polling, webSocket) = measure();
                return (Measurement<long>[])
                [
                    new(polling, new KeyValuePair<string, object?>("rawws.transport", "polling")),
                    new(webSocket, new KeyValuePair<string, object?>("rawws.transport", "websocket")),
                ];
            },
            "{session}",
            "Engine.IO sessions, by their transport.");

    public void Connected() => _sockets.Add(1);

    public void Disconnected(DisconnectReason reason)
    {
        _sockets.Add(-1);
        if (_disconnections.Enabled)
            _disconnections.Add(1, new KeyValuePair<string, object?>("rawws.reason", reason));
    }

    public void Received(Protocol.PacketType type)
    {
        if (_received.Enabled)
            _received.Add(1, new KeyValuePair<string, object?>("rawws.type", type));
    }

    public void Sent(bool isDropped) => (isDropped ? _dropped : _sent).Add(1);

    public void AcksPending(int difference) => _pendingAcks.Add(difference);

    public void AcksTimedOut() => _ackTimeouts.Add(1);

    public void Recovered(bool hasSucceeded) => _recoveries.Add(1, new KeyValuePair<string, object?>("rawws.recovered", hasSucceeded));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
