namespace RawWs.SocketIO;

/// <summary>The answers to one broadcast, until every server has said how many it asked, and each of those has answered or gone.</summary>
internal sealed class AckCollection : IBroadcastAckReceiver
{
    private readonly Lock _gate = new();
    private readonly List<EventValue?> _answers = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int? _serverCount;
    private int _heardServerCount;
    private int _socketCount;
    private int _leftCount;

    // Whether no other server has been asked, whoever is there.
    private bool _isAlone;

    /// <summary>Completes when nothing more will come.</summary>
    public Task Done => _done.Task;

    /// <summary>How many servers have sockets to ask, this one among them.</summary>
    public void Expect(int serverCount)
    {
        lock (_gate)
        {
            _serverCount = serverCount;
            CompleteIfAll_NeedsLock();
        }
    }

    /// <summary>No other server can be asked, so none is waited for. This one has asked its sockets already. What comes is not complete.</summary>
    public void AskNobodyElse()
    {
        lock (_gate)
        {
            _isAlone = true;
            CompleteIfAll_NeedsLock();
        }
    }

    /// <inheritdoc/>
    public void Asked(int socketCount)
    {
        lock (_gate)
        {
            _heardServerCount++;
            _socketCount += socketCount;
            CompleteIfAll_NeedsLock();
        }
    }

    /// <inheritdoc/>
    public void Answered(EventValue? value)
    {
        lock (_gate)
        {
            _answers.Add(value);
            CompleteIfAll_NeedsLock();
        }
    }

    /// <inheritdoc/>
    public void Left()
    {
        lock (_gate)
        {
            _leftCount++;
            CompleteIfAll_NeedsLock();
        }
    }

    /// <summary>What has come until now.</summary>
    /// <exception cref="EventValueException">An answer is no <typeparamref name="T"/>.</exception>
    public BroadcastAcks<T> ToResult<T>()
    {
        EventValue?[] answers;
        int socketCount;
        bool isComplete;
        lock (_gate)
        {
            (answers, socketCount) = ([.. _answers], _socketCount);
            isComplete = !_isAlone && _heardServerCount >= _serverCount && answers.Length == socketCount;
        }

        return new BroadcastAcks<T>([.. answers.Select(AckValue.Read<T>)], socketCount, isComplete);
    }

    // While the number of servers is not known, no number is at least that.
    private void CompleteIfAll_NeedsLock()
    {
        if ((_isAlone || _heardServerCount >= _serverCount) && _answers.Count + _leftCount >= _socketCount)
            _done.TrySetResult();
    }
}
