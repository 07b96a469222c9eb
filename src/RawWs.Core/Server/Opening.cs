namespace RawWs.Server;

/// <summary>What a connection has from its acceptance until it is a WebSocket or has ended, and no longer. It can be hurried from any thread.</summary>
/// <param name="deadline">The one deadline of all of it.</param>
internal sealed class Opening(RequestDeadline deadline)
{
    private Preamble? _preamble;
    private RequestLoop? _requests;

    public RequestDeadline Deadline => deadline;

    /// <summary>Whether it is before the first request, where there is nothing in which its client could be told anything.</summary>
    public bool IsInPreamble => Volatile.Read(ref _preamble) is { IsUnderWay: true };

    public void Begin(Preamble preamble) => Volatile.Write(ref _preamble, preamble);

    /// <summary>From now on it is in its requests. Whoever comes second, this or who hurries, sees the other.</summary>
    public void Begin(RequestLoop requests) => Interlocked.Exchange(ref _requests, requests);

    /// <summary>There are no requests any more: what the connection reads from now on is not for them.</summary>
    public void EndRequests() => Volatile.Write(ref _requests, null);

    /// <summary>Ends the waiting for its requests, if it is in them.</summary>
    public void Hurry() => Volatile.Read(ref _requests)?.Hurry();

    /// <summary>The server stops.</summary>
    /// <param name="timeout">How long it may still take.</param>
    public void AnnounceDrain(TimeSpan timeout)
    {
        Hurry();
        if (IsInPreamble)
            deadline.Hasten(timeout);
    }
}
