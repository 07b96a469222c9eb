using System.Diagnostics.Metrics;

namespace RawWs.Diagnostics;

// Connections from their handshake to their end.
internal sealed partial class ServerMetrics
{
    private const string StateTag = "rawws.connection.state";

    // What peers choose freely does not become a series of its own: they have two thousand codes to choose from.
    private const int FirstPrivateCode = 3000, FirstUnregisteredCode = 4000;

    private UpDownCounter<long> _activeConnections = null!; // The constructor calls CreateConnectionInstruments.
    private Counter<long> _openedConnections = null!;
    private Counter<long> _closedConnections = null!;
    private Histogram<double> _connectionDuration = null!;
    private Counter<long> _handshakes = null!;
    private Histogram<double> _handshakeDuration = null!;
    private Histogram<double> _pingRoundTrip = null!;

    public void ConnectionOpened()
    {
        _activeConnections.Add(1);
        _openedConnections.Add(1);
    }

    public void ConnectionClosed(CloseResult result, TimeSpan duration)
    {
        _activeConnections.Add(-1);
        _connectionDuration.Record(duration.TotalSeconds);
        if (!_closedConnections.Enabled)
            return;

        _closedConnections.Add(
            1,
            new KeyValuePair<string, object?>("rawws.close.initiator", NameOf(result.Initiator)),
            new KeyValuePair<string, object?>("rawws.close.code.sent", NameOf(result.SentCode)),
            new KeyValuePair<string, object?>("rawws.close.code.received", NameOf(result.ReceivedCode)));
    }

    public void HandshakeAnswered(int status, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>("http.response.status_code", status);
        _handshakes.Add(1, tag);
        _handshakeDuration.Record(duration.TotalSeconds, tag);
    }

    /// <summary>Lets be asked how many connections are in which state, whenever somebody wants to know.</summary>
    public void ObserveConnections(Func<ConnectionCounts> measure) => _meter.CreateObservableUpDownCounter(
        "rawws.connections.current", () => Measure(measure()), "{connection}", "Connections of every kind, by their state.");

    public void PingAnswered(TimeSpan roundTrip) => _pingRoundTrip.Record(roundTrip.TotalSeconds);

    private void CreateConnectionInstruments()
    {
        _activeConnections = _meter.CreateUpDownCounter<long>("rawws.connections.active", "{connection}", "Open WebSocket connections.");
        _openedConnections = _meter.CreateCounter<long>("rawws.connections.opened", "{connection}", "WebSocket connections that have been opened.");
        _closedConnections = _meter.CreateCounter<long>("rawws.connections.closed", "{connection}", "WebSocket connections that have ended, by who ended them and by the close codes of both sides.");
        _connectionDuration = _meter.CreateHistogram<double>("rawws.connection.duration", "s", "How long connections were open.");
        _handshakes = _meter.CreateCounter<long>("rawws.handshakes", "{handshake}", "Opening handshakes by the status that answered them.");
        _handshakeDuration = _meter.CreateHistogram<double>("rawws.handshake.duration", "s", "From the acceptance of a connection to the answer of its opening handshake.");
        _pingRoundTrip = _meter.CreateHistogram<double>("rawws.ping.round_trip", "s", "From a ping to its pong.");
    }

    private static Measurement<long>[] Measure(in ConnectionCounts counts) =>
    [
        new(counts.Handshake, new KeyValuePair<string, object?>(StateTag, "handshake")),
        new(counts.Open, new KeyValuePair<string, object?>(StateTag, "open")),
        new(counts.Closing, new KeyValuePair<string, object?>(StateTag, "closing")),
        new(counts.Refused, new KeyValuePair<string, object?>(StateTag, "refused")),
    ];

    private static string NameOf(CloseInitiator initiator) => initiator switch
    {
        CloseInitiator.Local => "local",
        CloseInitiator.Remote => "remote",
        _ => "transport",
    };

    private static string NameOf(CloseCode code) => (int)code switch
    {
        >= FirstUnregisteredCode => "4xxx",
        >= FirstPrivateCode => "3xxx",
        (int)CloseCode.NormalClosure => "1000",
        (int)CloseCode.GoingAway => "1001",
        (int)CloseCode.NoStatusReceived => "1005",
        (int)CloseCode.AbnormalClosure => "1006",
        (int)CloseCode.PolicyViolation => "1008",
        var other => other.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
