namespace RawWs.Load;

/// <summary>A closed loop: each connection always has so many messages under way, and sends the next when one has come back.</summary>
internal sealed class EchoRun : LoadRun
{
    private readonly int _inFlight;

    // When each message that is under way was sent, for each connection.
    private readonly long[] _sent;
    private long _outstanding;
    private bool _isStopping;

    public EchoRun(LoadTarget target, int connections, int size, int inFlight, LoadTiming timing, bool isText = false)
        : base("messages", target, connections, new FrameRing(size, inFlight, isText: isText, form: target.EchoForm), timing)
        => (_inFlight, _sent) = (inFlight, new long[connections * inFlight]);

    public override void OnReplies(LoadConnection connection, int count)
    {
        _outstanding -= count;
        if (Time.IsRunning)
        {
            AddToCount(count);
            for (var message = connection.Replies.Next - count; message < connection.Replies.Next; message++)
                Record(_sent[PlaceOf(connection, message)]);
        }

        if (!_isStopping)
            Send(connection, connection.Replies.Next - count + _inFlight, count);
    }

    protected override void Start()
    {
        foreach (var connection in Clients.Open)
            Send(connection, 0, _inFlight);
    }

    protected override void Finish(CancellationToken cancellationToken)
    {
        _isStopping = true;
        if (!WaitForRest(() => _outstanding == 0, cancellationToken))
            Failures.Add($"{Report.Count(_outstanding)} messages did not come back.");
    }

    private void Send(LoadConnection connection, long first, int count)
    {
        var now = Clients.Loop.LookAtClock();
        for (var message = first; message < first + count; message++)
            _sent[PlaceOf(connection, message)] = now;

        _outstanding += count;
        connection.Send(count);
    }

    private long PlaceOf(LoadConnection connection, long message) => ((long)connection.Index * _inFlight) + (message % _inFlight);
}
