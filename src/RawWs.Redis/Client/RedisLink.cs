using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Client;

/// <summary>Keeps one connection to Redis: makes it, and another whenever it is lost.</summary>
internal sealed class RedisLink : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<RedisOptions>? _find;
    private readonly RedisMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ReplicaNotice _replicas;
    private readonly ReconnectDelay _delay;
    private readonly Task _running;
    private TaskCompletionSource<RedisConnection> _opened = NewOpened();
    private RedisConnection? _current;
    private int _noticeCount;
    private Exception? _lastFailure;

    // Changed by the loop only, between two connections.
    private RedisOptions _options;

    /// <param name="options">The client's.</param>
    /// <param name="metrics">The client's.</param>
    /// <param name="logger">The client's.</param>
    /// <param name="replicas">The client's.</param>
    /// <param name="tenant">What the connection is for.</param>
    /// <param name="find">Says before each attempt where it leads; null: always the same way. Nothing else is different.</param>
    public RedisLink(RedisOptions options, RedisMetrics metrics, ILogger logger, ReplicaNotice replicas, ILinkTenant tenant, Func<RedisOptions>? find = null)
    {
        (_options, _metrics, _logger, _replicas, _find) = (options, metrics, logger, replicas, find);
        _replicas.Found += Leave;
        _delay = new ReconnectDelay(options.MinReconnectDelay, options.MaxReconnectDelay);
        _running = Task.Run(() => RunAsync(tenant));
    }

    /// <summary>The connection, after its login; null while there is none.</summary>
    public RedisConnection? Current => Volatile.Read(ref _current);

    /// <summary>Why there is no connection; null at first.</summary>
    public Exception? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>Waits until there is a connection.</summary>
    /// <exception cref="ObjectDisposedException">There will be none.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<RedisConnection> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _opened.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _replicas.Found -= Leave;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        lock (_gate)
        {
            _opened.TrySetException(new ObjectDisposedException(nameof(RedisClient)));
            _ = _opened.Task.Exception; // Maybe nobody waits.
        }
    }

    private async Task RunAsync(ILinkTenant tenant)
    {
        try
        {
            while (true)
            {
                await KeepOneAsync(tenant).ConfigureAwait(false);
                _stopping.Token.ThrowIfCancellationRequested();
                await Task.Delay(_delay.Next(), _options.TimeProvider, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The client is disposed.
        }
    }

    /// <summary>Makes a connection, and returns when it has ended.</summary>
    private async Task KeepOneAsync(ILinkTenant tenant)
    {
        var noticeCount = _replicas.Count;
        _options = _find?.Invoke() ?? _options;
        if (await TryOpenAsync(tenant).ConfigureAwait(false) is not { } connection)
            return;

        var openedAt = _options.TimeProvider.GetTimestamp();
        Publish(connection, noticeCount);

        // While it was made nobody saw it who told.
        Leave();
        tenant.OnOpened(connection);
        await connection.Ended.WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.DisposeAsync().ConfigureAwait(false);
        Withdraw(connection);
        tenant.OnLost();
        if (connection.Failure is ReplicaException)
            _replicas.Tell(noticeCount);

        // One that is closed as soon as it is made is no reason to come back at once, nor is one that leads to a replica again, or to a server that refuses what it is for.
        var shortest = connection.Failure is ReplicaException or RedisErrorException ? _options.MaxReconnectDelay : _options.MinReconnectDelay;
        if (_options.TimeProvider.GetElapsedTime(openedAt) >= shortest)
            _delay.Reset();
    }

    private void Leave()
    {
        RedisConnection? connection;
        lock (_gate)
        {
            // Whoever tells may be slow: one that was begun since leads to where the address leads now.
            connection = _noticeCount == _replicas.Count ? null : _current;
        }

        connection?.Abort(new IOException("Another connection has found that the server is not a primary any more."));
    }

    private void Publish(RedisConnection connection, int noticeCount)
    {
        _metrics.ConnectionOpened();
        lock (_gate)
        {
            (_current, _noticeCount) = (connection, noticeCount);
            _opened.TrySetResult(connection);
        }
    }

    private void Withdraw(RedisConnection connection)
    {
        _metrics.ConnectionLost();
        lock (_gate)
        {
            (_current, _lastFailure) = (null, connection.Failure);
            _opened = NewOpened();
        }

        if (connection.HasRetired)
            RedisLog.ConnectionRetired(_logger, _options.Target, connection.Failure!.Message);
        else if (!_stopping.IsCancellationRequested)
            RedisLog.ConnectionLost(_logger, _options.Target, connection.Failure?.Message);
    }

    /// <returns>A connection after its login; null if there was none to be had.</returns>
    [SuppressMessage("Reliability", "CA2000", Justification = "The connection is handed to the caller, or disposed here when the login fails.")]
    private async Task<RedisConnection?> TryOpenAsync(ILinkTenant tenant)
    {
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        RedisConnection? connection = null;
        try
        {
            var stream = await RedisSocket.ConnectAsync(_options, either.Token).ConfigureAwait(false);
            connection = new RedisConnection(_options, stream, tenant.TryTake, tenant.MayAnswerLate);
            var version = await RedisLogin.RunAsync(connection, _options, either.Token).ConfigureAwait(false);
            RedisLog.Connected(_logger, _options.Target, version);
            return connection;
        }
        catch (Exception error)
        {
            // The top of an attempt: whatever it was, such as a name that is none, there is another one, and the reason is logged.
            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);

            _stopping.Token.ThrowIfCancellationRequested();
            var failure = error is OperationCanceledException ? new IOException($"There was no connection within {_options.ConnectTimeout.TotalSeconds} s.") : error;
            Volatile.Write(ref _lastFailure, failure);
            _metrics.ConnectingFailed();
            RedisLog.NotConnected(_logger, _options.Target, failure.Message);
            return null;
        }
    }

    private static TaskCompletionSource<RedisConnection> NewOpened() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
