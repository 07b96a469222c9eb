using System.Diagnostics;
using System.Net;

namespace RawWs.Diagnostics;

/// <summary>
/// The spans of a server: one for each opening handshake, under the trace that the client is in, and one for each connection, under that of its handshake. Costs
/// nothing while nobody listens to the source.
/// </summary>
internal static class ServerTracing
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = "RawWs";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether anybody listens.</summary>
    public static bool IsListening => Source.HasListeners();

    /// <summary>Begins the span of a handshake, whose request has been read.</summary>
    /// <param name="begunAt">When the connection was accepted.</param>
    /// <param name="path">What was asked for; null if the request was not understood.</param>
    /// <param name="traceParent">The client's traceparent header, null if it sent none.</param>
    /// <param name="traceState">The client's tracestate header, null if it sent none.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="peer">Who is connected: the same, or a proxy.</param>
    public static Activity? BeginHandshake(DateTimeOffset begunAt, string? path, string? traceParent, string? traceState, EndPoint? client, EndPoint? peer)
    {
        ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var parent);
        var span = Source.StartActivity("websocket.handshake", ActivityKind.Server, parent, startTime: begunAt);
        if (span is null)
            return null;

        span.SetTag("http.request.method", "GET");
        span.SetTag("url.path", path);
        Name(span, client, peer);
        return span;
    }

    /// <summary>Ends the span of a handshake.</summary>
    /// <param name="span">The span.</param>
    /// <param name="status">What it was answered with; null if the client had gone.</param>
    public static void EndHandshake(Activity? span, int? status)
    {
        if (span is null)
            return;

        span.SetTag("http.response.status_code", status);
        if (status is null or >= 500)
            span.SetStatus(ActivityStatusCode.Error);

        span.Dispose();
    }

    /// <summary>Begins the span of a connection, which is current while its session runs.</summary>
    public static Activity? BeginConnection(ActivityContext handshake, long id, string path, string? subprotocol, EndPoint? client, EndPoint? peer)
    {
        var span = Source.StartActivity("websocket.connection", ActivityKind.Server, handshake);
        if (span is null)
            return null;

        span.SetTag("rawws.connection.id", id);
        span.SetTag("url.path", path);
        span.SetTag("rawws.subprotocol", subprotocol);
        Name(span, client, peer);
        return span;
    }

    /// <summary>Ends the span of a connection.</summary>
    public static void EndConnection(Activity? span, CloseResult result)
    {
        if (span is null)
            return;

        span.SetTag("rawws.close.initiator", result.Initiator.ToString().ToLowerInvariant());
        span.SetTag("rawws.close.code.sent", (int)result.SentCode);
        span.SetTag("rawws.close.code.received", (int)result.ReceivedCode);
        if (result.SentCode == CloseCode.InternalError)
            span.SetStatus(ActivityStatusCode.Error);

        span.Dispose();
    }

    private static void Name(Activity span, EndPoint? client, EndPoint? peer)
    {
        span.SetTag("network.protocol.name", "websocket");
        if (client is IPEndPoint other)
            span.SetTag("client.address", other.Address.ToString());

        if (peer is not IPEndPoint address)
            return;

        span.SetTag("network.peer.address", address.Address.ToString());
        span.SetTag("network.peer.port", address.Port);
    }
}
