using System.Diagnostics.Metrics;

namespace RawWs.Diagnostics;

/// <summary>What a server counts. Costs nothing while nobody listens to the meter.</summary>
internal sealed partial class ServerMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "RawWs";

    private readonly Meter _meter = new(MeterName);
    private readonly UpDownCounter<long> _activeConnections;
    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _sessionErrors;
    private readonly Counter<long> _inflateAlarms;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _acceptErrors;

    public ServerMetrics()
    {
        CreateMessageInstruments();
        CreateRoomInstruments();
        _activeConnections = _meter.CreateUpDownCounter<long>("rawws.connections.active", "{connection}", "Open WebSocket connections.");
        _handshakes = _meter.CreateCounter<long>("rawws.handshakes", "{handshake}", "Opening handshakes by the status that answered them.");
        _sessionErrors = _meter.CreateCounter<long>("rawws.session.errors", "{error}", "Sessions and hooks of the application that threw.");
        _inflateAlarms = _meter.CreateCounter<long>(
            "rawws.inflate.alarms", "{message}", "Messages that inflated to more than a hundred times their size, and to more than 64 KiB.");
        _refusals = _meter.CreateCounter<long>("rawws.refusals", "{refusal}", "Connections that were refused or failed for their number or rate, by the reason.");
        _acceptErrors = _meter.CreateCounter<long>("rawws.accept.errors", "{error}", "Attempts to accept a connection that failed, by the error.");
    }

    public void InflateAlarm() => _inflateAlarms.Add(1);

    public void ConnectionOpened() => _activeConnections.Add(1);

    public void ConnectionClosed() => _activeConnections.Add(-1);

    public void HandshakeAnswered(int status) => _handshakes.Add(1, new KeyValuePair<string, object?>("http.response.status_code", status));

    public void SessionFailed() => _sessionErrors.Add(1);

    public void Refused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("rawws.reason", reason));

    public void AcceptFailed(string error) => _acceptErrors.Add(1, new KeyValuePair<string, object?>("error.type", error));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
