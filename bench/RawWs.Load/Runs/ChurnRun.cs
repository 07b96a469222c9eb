namespace RawWs.Load;

/// <summary>So many connections at once come, echo one message, close with the closing handshake, and are followed by the next.</summary>
internal sealed class ChurnRun : LoadRun
{
    private readonly long[] _begun;
    private readonly int _connections;
    private int _openCount;
    private bool _isStopping;

    public ChurnRun(LoadTarget target, int connections, LoadTiming timing)
        : base("connections", target, connections, new FrameRing(payloadSize: 64, form: target.EchoForm), timing)
        => (_connections, _begun) = (connections, new long[connections]);

    public override void OnOpened(LoadConnection connection) => connection.Send(1);

    public override void OnReplies(LoadConnection connection, int count) => connection.Close();

    public override void OnEnded(LoadConnection connection, string? failure)
    {
        _openCount--;
        if (failure is not null)
        {
            Failures.Add(failure);
            return;
        }

        if (Time.IsRunning)
        {
            AddToCount(1);
            Record(_begun[connection.Index]);
        }

        if (!_isStopping)
            Begin(connection.Index);
    }

    protected override void Prepare(CancellationToken cancellationToken)
    {
        // They are opened all the time.
    }

    protected override void Start()
    {
        for (var index = 0; index < _connections; index++)
            Begin(index);
    }

    protected override void Finish(CancellationToken cancellationToken)
    {
        _isStopping = true;
        if (!WaitForRest(() => _openCount == 0, cancellationToken))
            Failures.Add($"{Report.Count(_openCount)} connections did not end.");
    }

    private void Begin(int index)
    {
        _begun[index] = Clients.Loop.LookAtClock();
        _openCount++;
        Clients.Begin(index, this);
    }
}
