using RawWs.Server;

namespace RawWs;

public sealed partial class WebSocketServer
{
    private static readonly DrainOptions AllAtOnce = new();

    private readonly TaskCompletionSource _stopBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopDeadline = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isReady;
    private Task? _stopped;
    private bool _isDisposed;

    /// <summary>
    /// Whether new connections are welcome: from the moment when all end points accept until the server begins to stop. For the readiness probe of whatever
    /// sends clients here.
    /// </summary>
    public bool IsReady => _isReady;

    /// <summary>Stops with <see cref="DrainOptions"/> as they are by default: closes all connections at once, with 1001.</summary>
    /// <inheritdoc cref="StopAsync(DrainOptions, CancellationToken)"/>
    public Task StopAsync(CancellationToken cancellationToken = default) => StopAsync(AllAtOnce, cancellationToken);

    /// <summary>
    /// Stops: is not ready any more, cancels the sessions' tokens, closes all connections, and goes on accepting to answer whoever comes with 503 until they
    /// have gone; then listens no more. Handshakes that are under way are answered with 503. What has not ended at the deadline is aborted.
    /// </summary>
    /// <param name="options">With which code, how fast, and until when.</param>
    /// <param name="cancellationToken">A deadline beside that of <paramref name="options"/>. With neither, <see cref="WebSocketServerOptions.CloseTimeout"/>
    /// bounds each peer, but a session that does not return is waited for.</param>
    /// <remarks>If it is called several times, all calls return at the same time: the first one's options count, and the earliest of all deadlines.</remarks>
    public async Task StopAsync(DrainOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Timeout != Timeout.InfiniteTimeSpan && options.Window > options.Timeout)
            throw new ArgumentException($"The window of {options.Window} is longer than the timeout of {options.Timeout}; make it shorter, or the timeout longer.", nameof(options));

        Task stopped;
        lock (_gate)
        {
            if (_state == ServerState.New)
                _state = ServerState.Stopped;

            _isReady = false;
            stopped = _stopped ??= StopOnceAsync(options);
        }

        _stopBegun.TrySetResult();

        using var timeout = new CancellationTokenSource(options.Timeout, _core.Options.TimeProvider);
        await using (timeout.Token.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), _stopDeadline).ConfigureAwait(false))
        await using (cancellationToken.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), _stopDeadline).ConfigureAwait(false))
        {
            await stopped.ConfigureAwait(false);
        }
    }

    /// <summary>Stops, if that has not been done, within <see cref="WebSocketServerOptions.CloseTimeout"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(AllAtOnce with { Timeout = _core.Options.CloseTimeout }).ConfigureAwait(false);
        Interlocked.Exchange(ref _isDisposed, true);
        try
        {
            // Who has come since nobody was left is being refused, and has no deadline any more.
            foreach (var connection in _core.Admission.Snapshot())
                connection.Abort();
        }
        finally
        {
            _core.Dispose();
        }
    }

    private async Task StopOnceAsync(DrainOptions options)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await new Drain(_core, options, _listeners, _acceptLoops, _stopDeadline.Task).RunAsync().ConfigureAwait(false);

        // Somebody else's code: it holds nobody up beyond the deadline.
        await Task.WhenAny(_core.Rooms.Broadcaster.Backplane.DisposeAsync().AsTask(), _stopDeadline.Task).ConfigureAwait(false);
    }
}
