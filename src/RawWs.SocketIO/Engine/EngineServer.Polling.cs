using System.IO.Compression;
using System.Net;
using RawWs.SocketIO.Http;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

// HTTP requests: of a session on polling, or that begin one.
internal sealed partial class EngineServer
{
    private const string TextType = "text/plain; charset=UTF-8", BinaryType = "application/octet-stream", OkType = "text/html", ErrorType = "application/json";

    /// <summary>Answers a request that asks for no WebSocket.</summary>
    public async ValueTask<HttpResponse> AnswerAsync(HttpRequest http, CancellationToken cancellationToken)
    {
        if (http.Method == "OPTIONS" && options.Cors is { } cors)
            return HttpResponse.Empty(headers: cors.PreflightHeadersFor(http.Origin, http.GetHeader("Access-Control-Request-Headers")));

        var request = new EngineRequest(new Handshake(http, options.TimeProvider.GetUtcNow()));
        if (CheckTransport(request) is { } error)
            return Refuse(request, error);

        var isPolling = request.Transport == "polling";
        if (request.Sid is { } sid)
        {
            if (Find(request, sid, out var session) is { } mismatch)
                return Refuse(request, mismatch);

            // Without an error there is one.
            return isPolling ? await AnswerAsync(http, request, session!, cancellationToken).ConfigureAwait(false) : Refuse(request, EngineError.NoUpgrade);
        }

        if (http.Method != "GET")
            return Refuse(request, EngineError.BadHandshakeMethod.With(("method", http.Method)));

        return isPolling ? await BeginAsync(http, request, cancellationToken).ConfigureAwait(false) : Refuse(request, EngineError.NoUpgrade);
    }

    private async ValueTask<HttpResponse> BeginAsync(HttpRequest http, EngineRequest request, CancellationToken cancellationToken)
    {
        var (error, id) = await AdmitAsync(request, cancellationToken).ConfigureAwait(false);
        if (error is not null)
            return Refuse(request, error);

        // First what may throw, so that no session is left behind.
        var headers = _headers.ForHandshake(request, id);
        if (engineOptions.Detached.Value < options.MaxDetachedSessionCount && TryAdd(id, request.Format) is { } session)
            return await SendAsync(http, request, session, session.BeginPolling(makeClient(session, request.Handshake)), headers).ConfigureAwait(false);

        Report(request, EngineError.TooManyClients);
        var busy = _headers.ForRefusal(request);
        busy.Add("Retry-After", "5");
        return HttpResponse.Text(EngineError.TooManyClients.Message, status: HttpStatusCode.ServiceUnavailable, headers: busy);
    }

    private async ValueTask<HttpResponse> AnswerAsync(HttpRequest http, EngineRequest request, EngineSession session, CancellationToken cancellationToken)
    {
        // First what may throw: what a poll has taken would be lost.
        var headers = _headers.ForPolling(request);
        PollOutcome outcome;
        switch (http.Method)
        {
            case "GET":
                outcome = await session.PollAsync(cancellationToken).ConfigureAwait(false);
                break;

            case "POST":
                outcome = await PostAsync(http, request, session, cancellationToken).ConfigureAwait(false);
                break;

            default:
                return HttpResponse.Empty(HttpStatusCode.InternalServerError, _headers.ForRefusal(request));
        }

        if (outcome.Error is { } error)
            return Refuse(request, error);

        if (outcome.IsViolation)
            return HttpResponse.Empty(HttpStatusCode.BadRequest, _headers.ForRefusal(request));

        return http.Method == "GET"
            ? await SendAsync(http, request, session, outcome.Body, headers).ConfigureAwait(false)
            : HttpResponse.Bytes("ok"u8.ToArray(), OkType, headers: headers);
    }

    private static async ValueTask<PollOutcome> PostAsync(HttpRequest http, EngineRequest request, EngineSession session, CancellationToken cancellationToken)
    {
        var isBinary = http.GetHeader("Content-Type")?.StartsWith(BinaryType, StringComparison.OrdinalIgnoreCase) is true;
        if (isBinary && !session.IsLegacy)
        {
            // What protocol 3 sends in this way has another form.
            session.End(DisconnectReason.TransportError);
            return PollOutcome.Violation;
        }

        try
        {
            var isForm = session.TakesScripts && request.Callback is not null;
            return await session.PostAsync(
                async () => await http.ReadBodyAsync(cancellationToken).ConfigureAwait(false) is var body && isForm ? Jsonp.ReadForm(body) : body, isBinary && !isForm).ConfigureAwait(false);
        }
        catch (IOException) when (http.BodyLength is not null)
        {
            // The client has gone in the midst of it. Of a body in chunks that can't be told from one that is too large, which costs the session nothing.
            session.End(DisconnectReason.TransportError);
            throw;
        }
    }

    private async ValueTask<HttpResponse> SendAsync(HttpRequest http, EngineRequest request, EngineSession session, PollingBody body, ResponseHeaders headers)
    {
        var type = body.IsBinary ? BinaryType : TextType;
        if (session.TakesScripts && request.Callback is { } callback)
            (body, type) = (Jsonp.Wrap(body, callback), Jsonp.ContentType);

        if (!body.IsCompressible || !(body.Bytes.Length >= options.HttpCompressionThreshold) || ContentCoding.ChooseFor(http) is not { } coding)
            return HttpResponse.Bytes(body.Bytes, type, headers: headers);

        // A large one takes milliseconds, which an event loop has not.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        headers.Add("Content-Encoding", coding);
        return HttpResponse.Bytes(ContentCoding.Encode(body.Bytes, coding, CompressionLevel.Fastest), type, headers: headers);
    }

    private HttpResponse Refuse(EngineRequest request, EngineError error)
    {
        Report(request, error);
        var status = error.Code == EngineError.Forbidden.Code ? HttpStatusCode.Forbidden : HttpStatusCode.BadRequest;
        return HttpResponse.Bytes(EngineErrorJson.Write(error), ErrorType, status, _headers.ForRefusal(request));
    }
}
