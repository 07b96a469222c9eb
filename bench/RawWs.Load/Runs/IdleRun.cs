using System.Diagnostics;

namespace RawWs.Load;

/// <summary>Opens many connections, lets each echo once, and looks at what they hold in the server when nothing happens any more.</summary>
internal sealed class IdleRun : LoadRun
{
    private const int MaxEchoCount = 256;
    private static readonly TimeSpan EchoTimeout = TimeSpan.FromSeconds(30);

    private readonly int _connections;
    private readonly Func<ServerMemory> _measure;
    private ServerMemory _before;
    private int _echoCount;
    private int _askedCount;

    /// <param name="target">An endpoint that echoes.</param>
    /// <param name="connections">How many.</param>
    /// <param name="timing">The duration is how long nothing happens until the memory is looked at.</param>
    /// <param name="measure">Looks at the memory; may take its time.</param>
    public IdleRun(LoadTarget target, int connections, LoadTiming timing, Func<ServerMemory> measure)
        : base("handshakes", target, connections, new FrameRing(payloadSize: 64, form: target.EchoForm), timing)
        => (_connections, _measure) = (connections, measure);

    /// <summary>What each connection holds when it has been opened.</summary>
    public ServerMemory Opened { get; private set; }

    /// <summary>What each connection holds after it has echoed.</summary>
    public ServerMemory Echoed { get; private set; }

    protected override ServerMemory? Held => Echoed;

    public override void OnOpened(LoadConnection connection)
    {
        base.OnOpened(connection);
        AddToCount(1);
    }

    public override void OnReplies(LoadConnection connection, int count)
    {
        _echoCount += count;
        AskNext();
    }

    protected override void Prepare(CancellationToken cancellationToken) => _before = _measure();

    protected override void Measure(CancellationToken cancellationToken)
    {
        Time.Begin();
        Start();
        Clients.OpenAll(this, Failures, cancellationToken);
        Time.Finish();
    }

    protected override void Start()
    {
        // The load is that connections open.
    }

    protected override void Finish(CancellationToken cancellationToken)
    {
        Clients.RunFor(Timing.Duration, cancellationToken);
        Opened = _measure().PerConnection(_before, _connections);

        for (var count = 0; count < MaxEchoCount; count++)
            AskNext();
        if (!Clients.RunUntil(Stopwatch.GetTimestamp() + LoadClients.In(EchoTimeout), () => _echoCount == _connections || Failures.Count > 0, cancellationToken))
            Failures.Add($"{Report.Count(_connections - _echoCount)} connections did not echo.");

        Clients.RunFor(Timing.Duration, cancellationToken);
        Echoed = _measure().PerConnection(_before, _connections);
    }

    private void AskNext()
    {
        if (_askedCount < _connections)
            Clients.Open[_askedCount++].Send(1);
    }
}
