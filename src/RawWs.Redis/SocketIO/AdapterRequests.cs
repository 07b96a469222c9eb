using System.Collections.Concurrent;
using System.Text.Json;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>The requests of a namespace that other servers are to answer.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="nsp">The namespace.</param>
/// <param name="connection">Knows how many servers there are.</param>
/// <param name="newId">Makes the id of a request.</param>
/// <param name="timeout">How long others are waited for, and Redis, which counts them.</param>
/// <param name="interruptionCount">How often the hearing of this server was interrupted; null while it does not hear.</param>
internal sealed class AdapterRequests(SocketIONamespace nsp, AdapterConnection connection, Func<string> newId, TimeSpan timeout, Func<int?> interruptionCount)
{
    // How often those who are waited for are counted again.
    private const int CountsPerTimeout = 5;

    private readonly ConcurrentDictionary<string, PendingRequest> _pending = new(StringComparer.Ordinal);

    /// <summary>Waits for the answers to a request, until nobody does any more.</summary>
    /// <returns>Its id.</returns>
    public string Add(PendingRequest request, CancellationToken cancellationToken)
    {
        var requestId = newId();
        _pending[requestId] = request;
        cancellationToken.UnsafeRegister(_ => _pending.TryRemove(requestId, out var _), null);
        return requestId;
    }

    /// <summary>Takes an answer.</summary>
    /// <param name="body">What came.</param>
    /// <param name="answer">The part of it that has the id of the request and what is answered.</param>
    /// <returns>Whether it is for a request of this server: most are for others.</returns>
    /// <exception cref="JsonException">It makes no sense.</exception>
    public bool TryReceive(AdapterBody body, JsonElement answer)
    {
        if (AdapterBody.TextOf(AdapterBody.Member(answer, "requestId"u8)) is not { } requestId || !_pending.TryGetValue(requestId, out var pending))
            return false;

        pending.Receive(body, answer);
        return true;
    }

    /// <summary>This server has heard its own question.</summary>
    public void ReceiveOwn(JsonElement question)
    {
        if (AdapterBody.TextOf(AdapterBody.Member(question, "requestId"u8)) is { } requestId && _pending.TryGetValue(requestId, out var pending))
            pending.ReceiveOwn();
    }

    /// <summary>
    /// Asks all other servers for what they have, each for a list. Whoever goes while it is waited for has nothing any more; but nobody says who has gone, and it may be one that has answered. So whenever more or
    /// fewer are there than were asked, all are asked again.
    /// </summary>
    /// <param name="member">Where the list is in an answer.</param>
    /// <param name="readItem">Reads an item of it; null if that makes no sense.</param>
    /// <param name="askAsync">Asks, with the id of the request; returns whether that was possible. What becomes of it when the time is up matters to nobody.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What has come in time, and whether every server has answered.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<(IReadOnlyList<T> Items, bool IsComplete)> ListAsync<T>(
        string member, Func<AdapterBody, JsonElement, T?> readItem, Func<string, Task<bool>> askAsync, CancellationToken cancellationToken)
        where T : class
    {
        using var deadline = new CancellationTokenSource(timeout, nsp.Options.TimeProvider);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var asked = new List<PendingList<T>>();
        PendingList<T>? complete = null;
        try
        {
            complete = await AskAsync(asked, serverCount => new PendingList<T>(member, readItem, LeaveOut, serverCount - 1), askAsync, stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up: what has come is the result.
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return complete is not null ? (complete.Answers.Items, true) : (FullestOf(asked), false);
    }

    /// <returns>The request that every server has answered; null if there is none.</returns>
    private async Task<PendingList<T>?> AskAsync<T>(List<PendingList<T>> asked, Func<int, PendingList<T>> newRequest, Func<string, Task<bool>> askAsync, CancellationToken cancellationToken)
        where T : class
    {
        // Who does not hear what others say does not know whom it has heard.
        var heardSince = interruptionCount();
        if (heardSince is null || await connection.TryCountAsync(cancellationToken).ConfigureAwait(false) is not { } serverCount)
            return null;

        PendingList<T>? pending = null;
        for (var counts = 0; counts < CountsPerTimeout; counts++)
        {
            if (pending is null)
            {
                asked.Add(pending = newRequest(serverCount));
                if (!await askAsync(Add(pending, cancellationToken)).WaitAsync(cancellationToken).ConfigureAwait(false))
                    return null;
            }

            await pending.Complete.WaitAsync(timeout / CountsPerTimeout, nsp.Options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var isAnswered = pending.Complete.IsCompleted;
            var count = await connection.TryCountAsync(cancellationToken).ConfigureAwait(false);

            // Behind the count: what Redis has lost with all subscriptions it does not count.
            if (interruptionCount() != heardSince)
                return null;

            if (isAnswered && count == serverCount)
                return pending;

            if (count is { } now && now != serverCount)
                (serverCount, pending) = (now, null);
        }

        return null;
    }

    private void LeaveOut() => connection.Metrics.Ignored("malformed");

    private static IReadOnlyList<T> FullestOf<T>(List<PendingList<T>> asked)
        where T : class
        => asked.Count == 0 ? [] : asked.Select(static each => each.Answers).MaxBy(static answers => answers.AnswerCount).Items;
}
