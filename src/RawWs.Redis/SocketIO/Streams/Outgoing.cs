namespace RawWs.Redis.SocketIO;

/// <summary>Something that is to be added to a stream, and be delivered here when it comes back from there.</summary>
/// <remarks>The lock of <see cref="StreamOutbox"/> guards it.</remarks>
/// <param name="command">Adds it.</param>
/// <param name="size">Bytes of it.</param>
/// <param name="deliver">Delivers it to the sockets of this server, with its place in the stream, or with null if that is not waited for; null if it has been delivered.</param>
internal sealed class Outgoing(RedisCommand command, int size, Action<string?>? deliver)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _gone;
    private Action<string?>? _deliver = deliver;
    private bool _isReleased;

    /// <summary>Adds it.</summary>
    public RedisCommand Command => command;

    /// <summary>Bytes of it.</summary>
    public int Size => size;

    /// <summary>Where it is among those that are kept; null if it is not.</summary>
    public LinkedListNode<Outgoing>? Place { get; set; }

    /// <summary>What became of it.</summary>
    public OutgoingState State { get; set; }

    /// <summary>How many had been sent when it was, itself among them.</summary>
    public long Number { get; set; }

    /// <summary>Its id in the stream, when it was added.</summary>
    public string? Id { get; set; }

    /// <summary>Whether its delivery waits for its place.</summary>
    public bool IsHeld => _deliver is not null;

    /// <summary>Completes when it was delivered here, and has been added or waits for a Redis that is away.</summary>
    public Task Done => _done.Task;

    /// <summary>Completes when it has come back from the stream, or never will.</summary>
    public Task Gone => (_gone ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>It is not held any more.</summary>
    /// <param name="id">Its place in the stream; null if it has none yet.</param>
    /// <param name="calls">Where it is delivered.</param>
    /// <param name="delivered">Called when it has been, before <see cref="Done"/> completes.</param>
    public void Release(string? id, OrderedCalls calls, Action? delivered = null)
    {
        var deliver = _deliver;
        _deliver = null;
        if (deliver is null && delivered is null)
        {
            // What has been released before is done when it has been called.
            if (!_isReleased)
                _done.TrySetResult();

            return;
        }

        _isReleased = true;
        calls.Post(() =>
        {
            try
            {
                deliver?.Invoke(id);
            }
            finally
            {
                delivered?.Invoke();
                _done.TrySetResult();
            }
        });
    }

    /// <summary>It is not waited for any more.</summary>
    public void Leave() => _gone?.TrySetResult();
}
