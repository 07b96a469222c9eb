using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs.Benchmarks;

/// <summary>What it costs to count one message that is received and echoed, without what a listener does with it.</summary>
[MemoryDiagnoser]
public class MessageCountingBenchmarks
{
    private readonly MeterListener _listener = new();
    private ServerMetrics _metrics = null!; // Both are made by Setup.
    private IReceiveObserver _observer = null!;

    [Params(false, true)]
    public bool Listened { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _listener.InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        if (Listened)
            _listener.Start();

        _observer = _metrics = new ServerMetrics();
    }

    [Benchmark]
    public void Echo()
    {
        _observer.WholeMessageReceived(MessageType.Text, 64);
        _metrics.MessagesPublished(1);
        _metrics.MessagesSent(Opcode.Text, 1, 64);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _metrics.Dispose();
        _listener.Dispose();
    }
}
