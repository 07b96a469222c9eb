using System.Diagnostics;
using RawWs.Testing;

namespace RawWs.Tests.Diagnostics;

public sealed class TracingTests
{
    private static readonly string Trace = ActivityTraceId.CreateRandom().ToHexString();

    [Fact]
    public async Task A_handshake_and_its_connection_are_spans_in_the_clients_trace()
    {
        using var spans = new SpanRecorder(Trace);
        string? current = null;
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            current = Activity.Current?.OperationName;
            await connection.ReceiveAsync(cancellationToken);
        });
        await using var client = server.Connect();
        await client.OpenAsync($"traceparent: 00-{Trace}-00f067aa0ba902b7-01\r\n", "/lobby");
        await client.SendAsync(WireFrame.MaskedClose(1000));
        await client.ReadToEndAsync();
        client.EndSending();
        await Eventually.HoldsAsync(() => spans.Ended.Count == 2);

        var (handshake, session) = (spans.Ended[0], spans.Ended[1]);
        Assert.Equal(("websocket.handshake", "00f067aa0ba902b7"), (handshake.OperationName, handshake.ParentSpanId.ToHexString()));
        Assert.Equal((101, "/lobby", "192.0.2.7"), (handshake.GetTagItem("http.response.status_code"), handshake.GetTagItem("url.path"), handshake.GetTagItem("network.peer.address")));
        Assert.Equal(("websocket.connection", handshake.SpanId), (session.OperationName, session.ParentSpanId));
        Assert.Equal((1000, 1000), (session.GetTagItem("rawws.close.code.sent"), session.GetTagItem("rawws.close.code.received")));
        Assert.Equal("websocket.connection", current);
    }

    [Fact]
    public async Task A_refused_handshake_is_a_span_with_its_status()
    {
        using var spans = new SpanRecorder(trace: null);
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();
        await client.SendAsync("GET /refused-here HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadToEndAsync();
        client.EndSending();

        await Eventually.HoldsAsync(() => spans.Ended.Any(span => span.GetTagItem("url.path") is "/refused-here"));
        Assert.Equal(426, spans.Ended.Single(span => span.GetTagItem("url.path") is "/refused-here").GetTagItem("http.response.status_code"));
    }

    /// <summary>The spans of one trace, in the order in which they ended.</summary>
    private sealed class SpanRecorder : IDisposable
    {
        private readonly List<Activity> _ended = [];
        private readonly ActivityListener _listener;

        public SpanRecorder(string? trace)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "RawWs",
                Sample = (ref ActivityCreationOptions<ActivityContext> options) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    if (trace is not null && span.TraceId.ToHexString() != trace)
                        return;

                    lock (_ended)
                    {
                        _ended.Add(span);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyList<Activity> Ended
        {
            get
            {
                lock (_ended)
                {
                    return [.. _ended];
                }
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
