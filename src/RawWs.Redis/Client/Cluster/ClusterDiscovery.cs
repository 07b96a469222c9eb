using System.Net;
using Microsoft.Extensions.Logging;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Client;

/// <summary>
/// Learns which server of a cluster has which slots, again and again: when somebody has found that one is elsewhere, when a server is lost, and now and then. Never more often than
/// <see cref="RedisOptions.MinReconnectDelay"/>, and ever less often while something is missing, whatever servers answer.
/// </summary>
/// <param name="options">The client's.</param>
/// <param name="servers">The servers.</param>
/// <param name="stale">Is set when something is elsewhere, or may be.</param>
/// <param name="isWhole">Whether nothing is missing.</param>
/// <param name="place">Moves what is elsewhere now.</param>
/// <param name="logger">What is logged.</param>
internal sealed class ClusterDiscovery(RedisOptions options, ClusterServers servers, Wakeup stale, Func<bool> isWhole, Action place, ILogger logger)
{
    private static readonly RedisCommand Slots = new("CLUSTER", "SLOTS");

    private readonly TaskCompletionSource _learnt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReconnectDelay _delay = new(options.MinReconnectDelay, options.MaxReconnectDelay);
    private readonly LogPace _notToldPace = new(options.TimeProvider);
    private uint _round;

    /// <summary>Completes when slots are known for the first time; fails if they never will be.</summary>
    public Task Learnt => _learnt.Task;

    /// <summary>Learns until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
                await WaitAsync(await TryLearnOrReportAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client is disposed.
        }
        finally
        {
            _learnt.TrySetException(new ObjectDisposedException(nameof(RedisClusterClient)));
            _ = _learnt.Task.Exception; // Maybe nobody waits.
        }
    }

    private async Task WaitAsync(bool isAsked, CancellationToken cancellationToken)
    {
        if (isWhole())
        {
            _delay.Reset();
            var begun = options.TimeProvider.GetTimestamp();
            await stale.WaitAsync(options.KeepAliveInterval, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            if (options.TimeProvider.GetElapsedTime(begun) >= options.MinReconnectDelay)
                return;
        }
        else
        {
            // Another one is asked the next time, for this one may be cut off from the others.
            _round++;
        }

        // Nobody could be asked: as soon as somebody can.
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> reasons = [Task.Delay(_delay.Next(), options.TimeProvider, enough.Token)];
        if (!isAsked)
            reasons.AddRange(servers.Clients.Select(each => each.Client.WaitForConnectionAsync(enough.Token).AsTask()));

        await Task.WhenAny(reasons).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(reasons).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<bool> TryLearnOrReportAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TryLearnAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // The top of an attempt: whatever it was, there is another one, and the reason is logged.
            Report(options.Target, error.Message);
            return true;
        }
    }

    /// <returns>Whether somebody could be asked.</returns>
    private async Task<bool> TryLearnAsync(CancellationToken cancellationToken)
    {
        var clients = servers.Clients;
        var isAsked = false;
        var first = (int)(_round % Math.Max(1, clients.Count));
        foreach (var (server, client) in clients.Skip(first).Concat(clients.Take(first)).Where(static each => each.Client.CanSend))
        {
            isAsked = true;
            if (await TryAskAsync(server, client, cancellationToken).ConfigureAwait(false) is not { } map)
                continue;

            var gone = servers.Take(map);
            place();
            _learnt.TrySetResult();
            foreach (var other in gone)
                servers.Retire(other);

            return true;
        }

        servers.AddSeeds();
        return isAsked;
    }

    /// <returns>Null if it does not tell.</returns>
    private async Task<ClusterMap?> TryAskAsync(DnsEndPoint server, RedisClient client, CancellationToken cancellationToken)
    {
        // The connection may be given longer, and meanwhile nobody else would be asked.
        using var timeout = new CancellationTokenSource(options.CommandTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        string reason;
        try
        {
            if (ClusterMap.Read(await client.ExecuteAsync(Slots, either.Token).ConfigureAwait(false), server) is { } map)
                return map;

            reason = "what it answers to CLUSTER SLOTS makes no sense, or names no master.";
        }
        catch (RedisErrorException error)
        {
            reason = error.Message.Contains("cluster support disabled", StringComparison.Ordinal) ? $"it is none: make a {nameof(RedisClient)}, of one address. ({error.Message})" : error.Message;
        }
        catch (RedisUnavailableException error)
        {
            reason = error.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reason = $"it has not answered for {options.CommandTimeout.TotalSeconds} s.";
        }

        Report($"{server.Host}:{server.Port}", reason);
        return null;
    }

    private void Report(string target, string reason)
    {
        if (_notToldPace.TrySay(out var count))
            RedisLog.ClusterNotTold(logger, target, reason, count);
    }
}
