using System.Diagnostics;
using RawWs.Host;

namespace RawWs.Load;

/// <summary>
/// An open loop: messages leave at a fixed rate over all connections in turn, and the latency of each counts from the moment at which it was due. So a server
/// that stands still is charged for everything that had to wait, and not for one message only.
/// </summary>
internal sealed class LatencyRun : LoadRun
{
    // Far beyond that nothing is measured any more but how fast memory fills.
    private const long MaxOutstandingCount = 1 << 24;

    private readonly Pace _pace;
    private readonly Queue<long>[] _due;
    private long _outstanding;
    private int _turn;

    public LatencyRun(LoadTarget target, int connections, int size, double perSecond, LoadTiming timing)
        : base("messages", target, connections, new FrameRing(size, form: target.EchoForm), timing)
        => (_pace, _due) = (new Pace(perSecond), [.. Enumerable.Range(0, connections).Select(_ => new Queue<long>())]);

    public override void OnReplies(LoadConnection connection, int count)
    {
        _outstanding -= count;
        for (; count > 0; count--)
        {
            // What was due in the measured time counts, also if it comes back after it.
            var due = _due[connection.Index].Dequeue();
            if (due >= Time.Start && due < Time.End)
                Record(due);
            if (Time.IsRunning)
                AddToCount(1);
        }
    }

    protected override void Start() => _pace.Start(Stopwatch.GetTimestamp());

    protected override void RunUntil(long end, CancellationToken cancellationToken)
    {
        while (Clients.Loop.LookAtClock() < end && Failures.Count == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (; _pace.Next <= Clients.Loop.Now && _outstanding < MaxOutstandingCount; _pace.MoveOn())
                Send(_pace.Next);

            if (_outstanding >= MaxOutstandingCount)
                Failures.Add($"{Report.Count(MaxOutstandingCount)} messages are under way, or should be: choose a lower --rate than the server and this generator can do.");

            Clients.Loop.Turn(Math.Min(end, _pace.Next));
        }
    }

    protected override void Finish(CancellationToken cancellationToken)
    {
        if (!WaitForRest(() => _outstanding == 0, cancellationToken))
            Failures.Add($"{Report.Count(_outstanding)} messages did not come back.");
    }

    private void Send(long due)
    {
        var connection = Clients.Open[_turn];
        _turn = (_turn + 1) % Clients.Open.Count;
        _due[connection.Index].Enqueue(due);
        _outstanding++;
        connection.Send(1);
    }
}
