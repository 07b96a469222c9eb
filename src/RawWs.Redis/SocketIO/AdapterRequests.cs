using System.Collections.Concurrent;
using System.Text.Json;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>The requests of a namespace that other servers are to answer.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="nsp">The namespace.</param>
/// <param name="connection">Knows how many servers there are.</param>
/// <param name="newId">Makes the id of a request.</param>
/// <param name="timeout">How long others are waited for.</param>
internal sealed class AdapterRequests(SocketIONamespace nsp, AdapterConnection connection, Func<string> newId, TimeSpan timeout)
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

    /// <summary>Asks all other servers for what they have, each for a list. Whoever goes while it is waited for has nothing any more.</summary>
    /// <param name="member">Where the list is in an answer.</param>
    /// <param name="readItem">Reads an item of it.</param>
    /// <param name="askAsync">Asks, with the id of the request; returns whether that was possible.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What has come, and whether every server has answered.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<(IReadOnlyList<T> Items, bool IsComplete)> ListAsync<T>(
        string member, Func<AdapterBody, JsonElement, T> readItem, Func<string, Task<bool>> askAsync, CancellationToken cancellationToken)
    {
        if (await connection.TryCountAsync(cancellationToken).ConfigureAwait(false) is not { } serverCount)
            return ([], false);

        if (serverCount < 2)
            return ([], true);

        var pending = new PendingList<T>(member, readItem, serverCount - 1);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var isAsked = await askAsync(Add(pending, stopping.Token)).ConfigureAwait(false);
        for (var counts = 0; isAsked && counts < CountsPerTimeout && !pending.Complete.IsCompleted; counts++)
        {
            await pending.Complete.WaitAsync(timeout / CountsPerTimeout, nsp.Options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!pending.Complete.IsCompleted && await connection.TryCountAsync(cancellationToken).ConfigureAwait(false) is { } now)
                pending.ExpectAtMost(now - 1);
        }

        await stopping.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return (pending.Items, pending.Complete.IsCompleted);
    }
}
