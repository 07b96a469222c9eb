using System.Diagnostics;
using RawWs.Host;

namespace RawWs.Load;

/// <summary>
/// One of many connections publishes, and all receive. Either so many messages are under way at most, each until everybody has it, or they leave at a fixed
/// rate; then the latency counts from when a message was due. In a cluster the members are on all nodes in turn, and what reaches another node than that of who publishes is timed apart.
/// </summary>
internal sealed class FanoutRun : LoadRun
{
    private const int MinMessageCount = 2048;
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(3);

    // A server may add a connection to those that are sent to just after it has answered.
    private static readonly TimeSpan JoinTime = TimeSpan.FromMilliseconds(300);

    private readonly LoadTarget _target;
    private readonly int _credit;
    private readonly Pace? _pace;
    private readonly long[] _published;
    private LoadConnection? _publisher;
    private long _publishedCount;
    private long _deliveredCount;

    /// <param name="target">An endpoint that sends what it receives to everybody, the sender included.</param>
    /// <param name="members">How many connections.</param>
    /// <param name="size">Bytes of each message; at least its number has to fit in.</param>
    /// <param name="credit">How many messages are under way at most; not looked at with a rate.</param>
    /// <param name="perSecond">Messages per second; 0 for as many as the credit lets through.</param>
    /// <param name="timing">How long.</param>
    public FanoutRun(LoadTarget target, int members, int size, int credit, double perSecond, LoadTiming timing)
        : base("deliveries", target, members, new FrameRing(size, minCount: MinMessageCount, form: target.BroadcastForm), timing, mayMiss: true)
    {
        (_target, _credit, _pace) = (target, credit, perSecond > 0 ? new Pace(perSecond) : null);
        _published = new long[Ring.Count];
        RemoteLatencies = target.NodeCount > 1 ? new LatencyHistogram() : null;
    }

    protected override LatencyHistogram? RemoteLatencies { get; }

    public override void OnReplies(LoadConnection connection, int count)
    {
        _deliveredCount += count;
        if (!Time.IsRunning)
            return;

        AddToCount(count);
        var latencies = _target.NodeOf(connection.Index) == 0 ? Latencies : RemoteLatencies!; // There are other nodes.
        for (var message = connection.Replies.Next - count; message < connection.Replies.Next; message++)
            Record(_published[message % Ring.Count], latencies);
    }

    protected override void Prepare(CancellationToken cancellationToken)
    {
        base.Prepare(cancellationToken);
        _publisher = Clients.Open.First(static member => member.Index == 0);
        Clients.RunFor(JoinTime, cancellationToken);
    }

    protected override void Start() => _pace?.Start(Stopwatch.GetTimestamp());

    protected override void RunUntil(long end, CancellationToken cancellationToken)
    {
        var (moved, seen) = (Stopwatch.GetTimestamp(), _deliveredCount);
        while (Clients.Loop.LookAtClock() < end && Failures.Count == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PublishWhatIsDue();
            Clients.Loop.Turn(_pace is null ? end : Math.Min(end, _pace.Next));

            if (_deliveredCount != seen || _publishedCount == 0)
                (moved, seen) = (Clients.Loop.Now, _deliveredCount);
            else if (_pace is null && Clients.Loop.Now - moved > LoadClients.In(StallTimeout))
                Failures.Add($"Nothing was delivered for {StallTimeout.TotalSeconds} s.");
        }
    }

    protected override void Finish(CancellationToken cancellationToken)
    {
        var expected = _publishedCount * Clients.Count;
        WaitForRest(() => _deliveredCount >= expected, cancellationToken);

        // A message that another has overtaken is missing for certain; one at the end may only be late.
        if (_deliveredCount != expected)
        {
            var overtaken = Clients.Open.Sum(member => member.Replies.MissedCount);
            Failures.Add($"{Report.Count(_deliveredCount)} deliveries instead of {Report.Count(expected)}; {Report.Count(overtaken)} were left out between others.");
        }

        if (Clients.Open.Sum(member => member.Replies.LateCount) is var late and > 0)
            Failures.Add($"{Report.Count(late)} deliveries out of order or twice.");
    }

    private void PublishWhatIsDue()
    {
        if (_pace is { } pace)
        {
            for (; pace.Next <= Clients.Loop.Now; pace.MoveOn())
                Publish(pace.Next);
        }
        else
        {
            while ((_publishedCount + 1 - _credit) * Clients.Count <= _deliveredCount)
                Publish(Clients.Loop.LookAtClock());
        }
    }

    private void Publish(long due)
    {
        _published[_publishedCount++ % Ring.Count] = due;
        _publisher!.Send(1); // Found before anything is published.
    }
}
