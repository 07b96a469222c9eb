using System.Diagnostics.Metrics;

namespace RawWs.Diagnostics;

/// <summary>What a server counts: see docs/operations.md for every instrument. But for messages, costs nothing while nobody listens to the meter.</summary>
internal sealed partial class ServerMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "RawWs";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _sessionErrors;
    private readonly Counter<long> _inflateAlarms;
    private readonly Histogram<double> _inflateRatio;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _acceptErrors;
    private readonly Counter<long> _proxyProtocolFailures;
    private readonly Counter<long> _loopStalls;
    private readonly Counter<long> _httpRequests;
    private readonly Histogram<double> _httpDuration;

    public ServerMetrics()
    {
        CreateConnectionInstruments();
        CreateMessageInstruments();
        CreateRoomInstruments();
        CreateTlsInstruments();
        _sessionErrors = _meter.CreateCounter<long>("rawws.session.errors", "{error}", "Sessions, hooks and handlers of the application that threw.");
        _inflateAlarms = _meter.CreateCounter<long>(
            "rawws.inflate.alarms", "{message}", "Messages that inflated to more than a hundred times their size, and to more than 64 KiB.");
        _inflateRatio = _meter.CreateHistogram<double>("rawws.inflate.ratio", "1", "How many times its compressed size a received message has.");
        _refusals = _meter.CreateCounter<long>("rawws.refusals", "{refusal}", "Connections that were refused or failed for their number or rate, by the reason.");
        _acceptErrors = _meter.CreateCounter<long>("rawws.accept.errors", "{error}", "Attempts to accept a connection that failed, by the error.");
        _proxyProtocolFailures = _meter.CreateCounter<long>(
            "rawws.proxy_protocol.failures", "{connection}", "Connections that were aborted for want of a usable PROXY protocol header, by the reason.");
        _httpRequests = _meter.CreateCounter<long>("rawws.http.requests", "{request}", "HTTP requests to routes, by their method and the status that answered them.");
        _httpDuration = _meter.CreateHistogram<double>("rawws.http.request.duration", "s", "From the end of the head of an HTTP request to the end of its response.");
        _loopStalls = _meter.CreateCounter<long>("rawws.loop.stalls", "{stall}", "Turns of an event loop that took too long, because somebody kept it.");
    }

    public void InflateAlarm() => _inflateAlarms.Add(1);

    /// <summary>A message has been inflated to its end.</summary>
    public void MessageInflated(long compressedLength, long length)
    {
        if (compressedLength > 0)
            _inflateRatio.Record((double)length / compressedLength);
    }

    public void SessionFailed() => _sessionErrors.Add(1);

    public void Refused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("rawws.reason", reason));

    public void AcceptFailed(string error) => _acceptErrors.Add(1, new KeyValuePair<string, object?>("error.type", error));

    /// <summary>A connection was aborted before, or for, its header of the PROXY protocol.</summary>
    public void ProxyProtocolFailed(string reason) => _proxyProtocolFailures.Add(1, new KeyValuePair<string, object?>("rawws.reason", reason));

    public void LoopStalled() => _loopStalls.Add(1);

    /// <summary>A request to an HTTP route has been answered.</summary>
    public void HttpAnswered(string method, int status, TimeSpan duration)
    {
        var (methodTag, statusTag) = (new KeyValuePair<string, object?>("http.request.method", NameOf(method)), new KeyValuePair<string, object?>("http.response.status_code", status));
        _httpRequests.Add(1, methodTag, statusTag);
        _httpDuration.Record(duration.TotalSeconds, methodTag, statusTag);
    }

    /// <summary>Lets be asked what waits for slow readers, whenever somebody wants to know.</summary>
    public void ObserveQueues(Func<QueueDepths> measure)
    {
        _meter.CreateObservableUpDownCounter("rawws.send_queue.connections", () => measure().Connections, "{connection}", "Connections that messages wait for.");
        _meter.CreateObservableUpDownCounter("rawws.send_queue.messages", () => measure().Messages, "{message}", "Messages that wait in outgoing queues.");
        _meter.CreateObservableUpDownCounter("rawws.send_queue.size", () => measure().Bytes, "By", "Bytes that wait in outgoing queues.");
    }

    // What peers choose freely does not become a series of its own.
    private static string NameOf(string method) => method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS" ? method : "_OTHER";

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        _counters.Dispose();
    }
}
