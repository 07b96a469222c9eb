using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using RawWs.Compression;
using RawWs.Connections;
using RawWs.Diagnostics;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>Judges a client's opening handshake, asks the application, and answers (RFC 6455 §4.2). Refuses whatever else is no request for this server.</summary>
/// <param name="core">The server.</param>
/// <param name="transport">The connection.</param>
/// <param name="id">The connection's number.</param>
/// <param name="begunAt">When the connection was accepted, or its previous request had been answered.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The source has no timer: nothing to dispose.")]
internal sealed class Handshaker(ServerCore core, TransportConnection transport, long id, long begunAt)
{
    private const string Stopping = "the server is stopping";

    private static readonly UpgradeResponse AcceptByDefault = UpgradeResponse.Accept();
    private static readonly ResponseHeaders NoHeaders = [];
    private static readonly ResponseHeaders RetryAfter = new() { { "Retry-After", "5" } };

    private readonly WebSocketServerOptions _options = core.Options;

    // Made when a hook is asked, which most servers do not have.
    private CancellationTokenSource? _hurry;
    private int _isHurried;
    private Activity? _span;
    private HttpStatusCode? _status;

    /// <summary>Whether the request has been read, and is a HEAD request.</summary>
    public bool IsOfHead { get; set; }

    /// <summary>Answers a request that is, or should be, an opening handshake.</summary>
    /// <param name="head">The request, which obeys the rules of HTTP. Looked at where it lies, until this completes.</param>
    /// <returns>What was agreed on; null if the client was refused.</returns>
    /// <exception cref="IOException">The network ended the connection.</exception>
    public async ValueTask<AcceptedUpgrade?> AnswerAsync(RequestHead head)
    {
        if (ServerTracing.IsListening)
            BeginSpan(head);

        try
        {
            return await JudgeAsync(head).ConfigureAwait(false);
        }
        catch (RequestRefusedException refusal)
        {
            await RefuseAsync(refusal).ConfigureAwait(false);
            return null;
        }
        finally
        {
            ServerTracing.EndHandshake(_span, (int?)_status);
        }
    }

    /// <summary>Answers that a request is not one that can be served.</summary>
    public async ValueTask RefuseAsync(RequestRefusedException refusal)
    {
        try
        {
            await RefuseAsync(refusal.Status, refusal.Message, NoHeaders).ConfigureAwait(false);
        }
        finally
        {
            ServerTracing.EndHandshake(_span, (int?)_status);
        }
    }

    /// <summary>Answers that the client is not admitted, without listening to what it wants.</summary>
    public async ValueTask RefuseAsync(RefusalReason reason)
    {
        try
        {
            await AnswerAsync(reason).ConfigureAwait(false);
        }
        finally
        {
            ServerTracing.EndHandshake(_span, (int?)_status);
        }
    }

    /// <summary>Ends the waiting for the application's hook: the time is up, or the server stops. From any thread.</summary>
    public void Hurry()
    {
        // Whoever comes second, this or the asking, sees the other.
        Interlocked.Exchange(ref _isHurried, 1);
        _ = Volatile.Read(ref _hurry)?.CancelAsync(core.Logger, id);
    }

    /// <summary>What answers a client whose time is up, because it took too long or because the server stops.</summary>
    public RequestRefusedException TooLate()
    {
        if (!core.IsDraining)
            return new RequestRefusedException(HttpStatusCode.RequestTimeout, "the request took too long");

        core.Refusals.Report(RefusalReason.Draining);
        return new RequestRefusedException(HttpStatusCode.ServiceUnavailable, Stopping);
    }

    private ValueTask AnswerAsync(RefusalReason reason) => reason switch
    {
        RefusalReason.AddressFull => RefuseAsync(HttpStatusCode.TooManyRequests, "there are too many connections from this address", RetryAfter),
        RefusalReason.HandshakesFull => RefuseAsync(HttpStatusCode.ServiceUnavailable, "too many clients are connecting", RetryAfter),
        RefusalReason.ConnectionRate => RefuseAsync(HttpStatusCode.ServiceUnavailable, "clients are connecting too fast", RetryAfter),
        RefusalReason.Draining => RefuseAsync(HttpStatusCode.ServiceUnavailable, Stopping, RetryAfter),
        _ => RefuseAsync(HttpStatusCode.ServiceUnavailable, "the server is full", RetryAfter),
    };

    private async ValueTask<AcceptedUpgrade?> JudgeAsync(RequestHead head)
    {
        if (core.Routes.Find(head.Target.Path) is not { } route)
            throw new RequestRefusedException(HttpStatusCode.NotFound, "there is nothing here");

        OpeningHandshake.CheckUpgrade(head);
        var extensions = ExtensionHeader.Read(head);
        var subprotocols = OpeningHandshake.ReadSubprotocols(head);

        if (head.IndexOf("Origin"u8) >= 0 && !IsAllowedOrigin(head))
            throw new RequestRefusedException(HttpStatusCode.Forbidden, "this origin may not connect");

        // Whatever it shows is copied for it: it may be kept. Without a hook nobody would look at it.
        var response = (route.OnUpgrade ?? _options.OnUpgrade) is { } hook
            ? await AskAsync(hook, new UpgradeRequest(head, subprotocols, transport)).ConfigureAwait(false)
            : AcceptByDefault;

        if (response.Status != HttpStatusCode.SwitchingProtocols)
        {
            await RefuseAsync(response.Status, response.Body, response.Headers).ConfigureAwait(false);
            return null;
        }

        return await AcceptAsync(head, subprotocols, response, extensions).ConfigureAwait(false);
    }

    private void NoteAnswered(HttpStatusCode status)
    {
        _status = status;
        if (_span is null && ServerTracing.IsListening)
            _span = ServerTracing.BeginHandshake(BegunAt, path: null, traceParent: null, traceState: null, transport.RemoteEndPoint, transport.PeerEndPoint);

        core.Metrics.HandshakeAnswered((int)status, _options.TimeProvider.GetElapsedTime(begunAt));
    }

    private DateTimeOffset BegunAt => _options.TimeProvider.GetUtcNow() - _options.TimeProvider.GetElapsedTime(begunAt);

    // What the client is in the midst of, it says as W3C's Trace Context has it. Current while the application's hook runs.
    private void BeginSpan(RequestHead head)
    {
        _span = ServerTracing.BeginHandshake(BegunAt, head.Target.Path, TextOf(head, "traceparent"u8), TextOf(head, "tracestate"u8), transport.RemoteEndPoint, transport.PeerEndPoint);
    }

    private static string? TextOf(RequestHead head, ReadOnlySpan<byte> name) => head.IndexOf(name) is >= 0 and var index ? Encoding.Latin1.GetString(head.ValueOf(index)) : null;

    private bool IsAllowedOrigin(RequestHead head) => _options.OriginPolicy.Allows(
        Encoding.Latin1.GetString(head.ValueOf(head.IndexOf("Origin"u8))),
        Encoding.Latin1.GetString(head.ValueOf(head.IndexOf("Host"u8))),
        isSecure: transport.IsSecure,
        HasCredentials(head));

    // What browsers add by themselves, whatever page it is. Authorization is no header that a page can set for a WebSocket: there it is a password that the browser keeps, or a ticket.
    private bool HasCredentials(RequestHead head) => head.IndexOf("Cookie"u8) >= 0 || head.IndexOf("Authorization"u8) >= 0 || transport.Tls?.ClientCertificate is not null;

    private async ValueTask<UpgradeResponse> AskAsync(
        Func<UpgradeRequest, CancellationToken, ValueTask<UpgradeResponse>> hook, UpgradeRequest request)
    {
        var hurry = new CancellationTokenSource();
        Interlocked.Exchange(ref _hurry, hurry);
        if (Volatile.Read(ref _isHurried) == 1)
            _ = hurry.CancelAsync(core.Logger, id);

        try
        {
            var response = await hook(request, hurry.Token).ConfigureAwait(false);
            if (response.Subprotocol is { } chosen && !request.Subprotocols.Contains(chosen, StringComparer.Ordinal))
                throw new InvalidOperationException($"The hook chose the subprotocol '{chosen}', which the client does not offer.");

            return response;
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            throw core.IsDraining ? TooLate() : new RequestRefusedException(HttpStatusCode.ServiceUnavailable, "the server took too long");
        }
        catch (Exception error)
        {
            // The top of the application's code for this handshake.
            core.Metrics.SessionFailed();
            ServerLog.HookFailed(core.Logger, id, request.Path, error);
            throw new RequestRefusedException(HttpStatusCode.InternalServerError, "internal error");
        }
    }

    private async ValueTask<AcceptedUpgrade> AcceptAsync(
        RequestHead head, IReadOnlyList<string> offered, UpgradeResponse response, IReadOnlyList<ExtensionOffer> extensions)
    {
        // §4.2.2: the server's choice is one of the client's, or none is named at all.
        var subprotocol = response.Subprotocol ?? (offered.Count == 0 ? null : _options.Subprotocols.FirstOrDefault(spoken => offered.Contains(spoken, StringComparer.Ordinal)));
        var key = head.ValueOf(head.IndexOf("Sec-WebSocket-Key"u8));
        var agreement = "";
        var deflate = response.AllowCompression ? ChooseDeflate(extensions, out agreement) : null;
        ResponseHead.WriteSwitchingProtocols(transport.Output, key, subprotocol, agreement, response.Headers);
        await transport.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        NoteAnswered(HttpStatusCode.SwitchingProtocols);

        return new AcceptedUpgrade
        {
            ConnectionId = id,
            Path = core.Routes.Shared(head.Target.Path),
            Query = head.Target.Query,
            Subprotocol = subprotocol,
            Deflate = deflate,
            UserState = response.UserState,
            Trace = _span?.Context ?? default,
            LocalEndPoint = transport.LocalEndPoint,
        };
    }

    private DeflateParameters? ChooseDeflate(IReadOnlyList<ExtensionOffer> offers, out string agreement)
    {
        agreement = "";
        if (core.DeflateStates is not { } states)
            return null;

        // With context takeover a connection will keep states of its own: that there is memory for them is seen to before they are promised.
        var deflate = DeflateNegotiation.Choose(offers, _options.Compression, _options.MaxCompressionWindowBits, out var response);
        if (deflate is not { } parameters || !states.HasRoomFor(MessageDeflater.KeptBy(parameters) + MessageInflater.KeptBy(parameters)))
            return null;

        agreement = response;
        return deflate;
    }

    // A refusal is answered and closed, so that a proxy which took the request for an upgrade carries nothing more (the caller closes).
    private async ValueTask RefuseAsync(HttpStatusCode status, string body, ResponseHeaders headers)
    {
        ServerLog.HandshakeRefused(core.Logger, id, transport.RemoteEndPoint, (int)status, body);
        NoteAnswered(status);

        if (status == HttpStatusCode.ServiceUnavailable && headers.Count == 0)
            headers = RetryAfter;

        ResponseHead.WriteRefusal(transport.Output, status, body, headers, _options.TimeProvider.GetUtcNow(), IsOfHead);
        await transport.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
