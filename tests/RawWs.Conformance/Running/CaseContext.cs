using System.Text;

namespace RawWs.Conformance;

/// <summary>What a running case has at hand: connections, payloads, and the place for its verdict.</summary>
internal sealed class CaseContext : IAsyncDisposable
{
    private readonly ConformanceCase _case;
    private readonly List<RawPeer> _peers = [];
    private readonly CancellationTokenSource _timeout;
    private readonly List<string> _details = [];
    private Outcome _behaviour = Outcome.Ok;

    public CaseContext(ConformanceCase one, ConformanceOptions options, CancellationToken cancellationToken)
    {
        _case = one;
        Options = one.Traits.HasFlag(CaseTraits.OwnWrites) ? options with { Chop = ChopMode.None } : options;

        // string.GetHashCode differs from run to run; a seed must not.
        var seed = Encoding.UTF8.GetBytes(one.Id).Aggregate(options.Seed, (hash, octet) => unchecked((hash * 31) + octet));
        Random = new Random(seed);

        CaseTimeout = (options.Timeout * 6) + (one.Traits.HasFlag(CaseTraits.Slow) ? options.SlowTimeout : TimeSpan.Zero);
        _timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timeout.CancelAfter(CaseTimeout);
    }

    public ConformanceOptions Options { get; }

    public Random Random { get; }

    public TimeSpan CaseTimeout { get; }

    public CancellationToken CancellationToken => _timeout.Token;

    private WireLog Log { get; } = new();

    public byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        Random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Opens TCP and nothing else.</summary>
    public async Task<RawPeer> ConnectAsync(int? receiveBufferSize = null)
    {
        var peer = await RawPeer.ConnectAsync(this, Log, _peers.Count, receiveBufferSize);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>Opens a WebSocket connection, and holds the server's answer to RFC 6455 §4.1 on the way.</summary>
    public async Task<RawPeer> OpenAsync(UpgradeRequest? request = null, int? receiveBufferSize = null)
    {
        var peer = await ConnectAsync(receiveBufferSize);
        request ??= UpgradeRequest.To(Options.Target, Random);
        await peer.OpenAsync(request);
        return peer;
    }

    /// <summary>Opens a connection with permessage-deflate, or ends the case if the server declines the offer.</summary>
    public async Task<RawPeer> OpenDeflateAsync(string offer = "permessage-deflate; client_max_window_bits")
    {
        var peer = await OpenAsync(UpgradeRequest.To(Options.Target, Random).With("Sec-WebSocket-Extensions", offer));
        return peer.Deflate is null
            ? throw new VerdictException(Outcome.Unimplemented, $"the server declined “{offer}”")
            : peer;
    }

    /// <summary>Records an outcome that does not end the case. The worst one counts.</summary>
    public void Verdict(Outcome outcome, string detail)
    {
        _details.Add(detail);
        if (Severity(outcome) > Severity(_behaviour))
            _behaviour = outcome;
    }

    public void Note(string detail) => _details.Add(detail);

    /// <summary>Ends every connection that the case left open with a closing handshake of code 1000.</summary>
    public async Task CloseAllAsync()
    {
        foreach (var peer in _peers.Where(peer => peer.IsOpen))
            await peer.CloseAsync();
    }

    public CaseResult ToResult(TimeSpan duration)
    {
        var closing = _peers.Select(peer => peer.Closing).MaxBy(closing => Severity(closing.Outcome)) ?? ClosingBehaviour.None;
        return new CaseResult
        {
            Id = _case.Id,
            Group = _case.Group,
            Title = _case.Title,
            RfcSection = _case.RfcSection,
            Expectation = _case.Expectation,
            Outcome = Severity(closing.Outcome) > Severity(_behaviour) ? closing.Outcome : _behaviour,
            Behaviour = _behaviour,
            Closing = closing.Outcome,
            Detail = string.Join("; ", _details),
            ClosingDetail = closing.Detail,
            Milliseconds = Math.Round(duration.TotalMilliseconds, 1),
            Wire = Log.Entries,
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers)
            await peer.DisposeAsync();
        _timeout.Dispose();
    }

    private static int Severity(Outcome outcome) => outcome switch
    {
        Outcome.Failed => 5,
        Outcome.NonStrict => 4,
        Outcome.Unimplemented => 3,
        Outcome.Skipped => 2,
        Outcome.Informational => 1,
        _ => 0,
    };
}
