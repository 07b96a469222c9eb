using System.Diagnostics.CodeAnalysis;
using System.Net;
using RawWs.Diagnostics;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs.Http;

/// <summary>One request and its response: the rules of the route, the handler, the answer. Owns every catch that there is for the handler.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The source has no timer: nothing to dispose.")]
internal sealed class HttpExchange
{
    private static readonly ResponseHeaders RetryAfter = new() { { "Retry-After", "5" } };

    private readonly TransportConnection _transport;
    private readonly IExchangeDeadlines _deadlines;
    private readonly ExchangeSettings _settings;
    private readonly HttpRequest _request;
    private readonly HttpRoute _route;
    private readonly long _id;
    private readonly bool _isLast;
    private readonly long _begunAt;
    private readonly bool _expectsContinue;
    private readonly string? _unknownExpectation;
    private readonly CancellationTokenSource _ending = new();
    private readonly ClientWatch _watch;
    private RequestBody? _body;
    private bool _isFaulty;
    private volatile bool _isStopping;

    /// <summary>Begins an exchange: copies what it needs of the head, so that its memory may go.</summary>
    /// <param name="head">The request.</param>
    /// <param name="route">Its route.</param>
    /// <param name="transport">The connection, which is read up to the end of the head before <see cref="RunAsync"/>.</param>
    /// <param name="deadlines">Those of the connection.</param>
    /// <param name="settings">What all exchanges share.</param>
    /// <param name="id">The connection's number, for the log.</param>
    /// <param name="isLast">Whether the connection takes no other request after this one.</param>
    /// <exception cref="RequestRefusedException">The request's body is framed in a way that could be misread.</exception>
    public HttpExchange(
        RequestHead head, HttpRoute route, TransportConnection transport, IExchangeDeadlines deadlines, ExchangeSettings settings, long id, bool isLast)
    {
        (_route, _transport, _deadlines, _settings, _id) = (route, transport, deadlines, settings, id);
        _begunAt = settings.Time.GetTimestamp();
        _request = new HttpRequest(head, RequestFraming.Of(head), transport);

        // HTTP/1.0 keeps a connection only if both sides say so, and we don't.
        _isLast = isLast || head.IsHttp10 || head.ListContains("Connection"u8, "close"u8);
        _watch = new ClientWatch(transport, CancelEnding);

        // RFC 9110 §10.1.1: what HTTP/1.0 expects is ignored.
        if (!head.IsHttp10 && _request.GetList("Expect") is { } expectation)
        {
            _expectsContinue = expectation.Equals("100-continue", StringComparison.OrdinalIgnoreCase);
            _unknownExpectation = _expectsContinue ? null : expectation;
        }
    }

    /// <summary>The server stops: the handler is told, and the connection ends with this response. From any thread.</summary>
    public void AnnounceEnd()
    {
        _isStopping = true;
        CancelEnding();
    }

    private void CancelEnding() => _ = _ending.CancelAsync(_settings.Logger, _id);

    /// <summary>Answers the request.</summary>
    /// <returns>Whether the connection is ready for another one; otherwise the caller closes it.</returns>
    /// <exception cref="IOException">The network ended the connection.</exception>
    public async ValueTask<bool> RunAsync()
    {
        if (FindFault() is { } fault)
            return await SendAsync(fault).ConfigureAwait(false);

        BeginBody();
        try
        {
            var response = await AskAsync().ConfigureAwait(false);
            if (_body?.TryEnd() == false)
            {
                await AbortAsync(response, new InvalidOperationException("The handler returned while its request's body was being read.")).ConfigureAwait(false);
                throw new IOException("The connection is being read by a handler that has returned.");
            }

            if (response is null)
                return false;

            // What has no end of its own is ended when nobody wants it any more.
            if (response.Length is null && _body is null)
                _watch.Begin();

            return await SendAsync(response).ConfigureAwait(false);
        }
        finally
        {
            await _watch.EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What keeps the request from its handler, null if nothing does.</summary>
    private HttpResponse? FindFault()
    {
        if (!_route.Methods.Contains(_request.Method, StringComparer.Ordinal))
        {
            // RFC 9110 §15.5.6: "The origin server MUST generate an Allow header field".
            return HttpRoute.IsStandard(_request.Method)
                ? Fault(HttpStatusCode.MethodNotAllowed, "this method is not for this path", new() { { "Allow", string.Join(", ", _route.Methods) } })
                : Fault(HttpStatusCode.NotImplemented, "this method is not known here");
        }

        if (_unknownExpectation is not null)
            return Fault(HttpStatusCode.ExpectationFailed, "the only expectation that is met here is 100-continue");

        // A body in chunks may turn out to be empty, but a route without bodies does not wait for that.
        return _request.BodyLength > _route.MaxBodySize || (_request.Framing.IsChunked && _route.MaxBodySize == 0)
            ? Fault(HttpStatusCode.RequestEntityTooLarge, "the body is too large")
            : null;
    }

    private void BeginBody()
    {
        if (!_request.Framing.HasBody)
            return;

        _body = new RequestBody(_transport, _request.Framing, _route.MaxBodySize, _expectsContinue, _deadlines, _watch.Begin);
        _request.Body = _body;
    }

    /// <returns>Null if the client has gone, and is owed nothing.</returns>
    private async ValueTask<HttpResponse?> AskAsync()
    {
        try
        {
            var answering = _route.Handler(_request, _ending.Token);

            // A body is watched from its end on; until then its reader sees the client go.
            if (!answering.IsCompleted && _body is null)
                _watch.Begin();

            return await answering.ConfigureAwait(false) ?? throw new InvalidOperationException("The handler returned no response.");
        }
        catch (Exception) when (_body?.Failure is { } failure)
        {
            // Whatever the handler makes of a body that failed, the client is told what was wrong with it.
            return failure.Status is { } status ? Fault(status, failure.Message) : null;
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            return _isStopping ? Fault(HttpStatusCode.ServiceUnavailable, "the server is stopping", RetryAfter) : null;
        }
        catch (Exception error)
        {
            // The top of the application's code for this request.
            _settings.Metrics.SessionFailed();
            HttpLog.HandlerFailed(_settings.Logger, _id, _request.Path, error);
            return Fault(HttpStatusCode.InternalServerError, "internal error");
        }
    }

    private async ValueTask<bool> SendAsync(HttpResponse response)
    {
        // What is left of a body could be anything, and is not looked for the next request in.
        var closes = _isLast || _isFaulty || _isStopping || _body is { IsComplete: false };
        try
        {
            await new ResponseWriter(_transport.Output, _deadlines, _settings.Time).WriteAsync(_request, response, closes, _ending.Token).ConfigureAwait(false);
            return !closes;
        }
        catch (ResponseSourceException error)
        {
            // It may have been told to end.
            if (error.InnerException is OperationCanceledException && _ending.IsCancellationRequested)
                _transport.Abort();
            else
                Abort(error.InnerException ?? error);

            return false;
        }
        finally
        {
            await DisposeAsync(response).ConfigureAwait(false);
            _settings.Metrics.HttpAnswered(_request.Method, (int)response.Status, _settings.Time.GetElapsedTime(_begunAt));
            HttpLog.Answered(_settings.Logger, _id, _request.Method, _request.Path, (int)response.Status);
        }
    }

    private async ValueTask AbortAsync(HttpResponse? response, InvalidOperationException misuse)
    {
        Abort(misuse);
        if (response is not null)
            await DisposeAsync(response).ConfigureAwait(false);
    }

    // The client must not take a part for the whole.
    private void Abort(Exception error)
    {
        _transport.Abort();
        _settings.Metrics.SessionFailed();
        HttpLog.ResponseFailed(_settings.Logger, _id, _request.Path, error);
    }

    private async ValueTask DisposeAsync(HttpResponse response)
    {
        try
        {
            if (response.Source is { } source)
                await source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The application's stream: what it has yielded has been sent.
            _settings.Metrics.SessionFailed();
            HttpLog.HandlerFailed(_settings.Logger, _id, _request.Path, error);
        }
    }

    private HttpResponse Fault(HttpStatusCode status, string reason, ResponseHeaders? headers = null)
    {
        _isFaulty = true;
        return HttpResponse.Text(reason, status: status, headers: headers);
    }
}
