using System.Collections.Concurrent;
using System.Globalization;

namespace RawWs.Host;

/// <summary>
/// Loads a server that echoes, and measures how long each message takes from when it was due until it has come back. In a closed loop each connection sends the next message when
/// one has come back. With a rate messages leave at that rate, whatever comes back, so that a server that stands still is charged for everything that had to wait
/// meanwhile (coordinated omission is avoided).
/// </summary>
/// <param name="options">What to do.</param>
internal sealed class Bench(BenchOptions options) : IDisposable
{
    private const int MaxOpeningCount = 64;

    private readonly CancellationTokenSource _failed = new();
    private readonly ConcurrentDictionary<string, int> _failures = new();
    private readonly ConcurrentBag<BenchConnection> _connections = [];
    private readonly LatencyRecorder _latencies = new();
    private BenchTime _time = new(long.MaxValue, long.MaxValue, long.MaxValue);
    private long _sentCount;

    public BenchOptions Options => options;

    /// <summary>One more than a connection has under way. With a rate nobody knows how many that will be; they may begin again from the first.</summary>
    public EchoPayloads Payloads { get; } = new(options.Size, options.Rate is null ? options.InFlight + 1 : BenchOptions.MaxInFlight);

    /// <summary>How far it is, in a few words.</summary>
    public string Progress => _connections.Count < options.Connections
        ? string.Create(CultureInfo.InvariantCulture, $"{_connections.Count:N0} of {options.Connections:N0} connections are open")
        : string.Create(CultureInfo.InvariantCulture, $"{_connections.Sum(connection => connection.AnsweredCount):N0} messages have come back");

    /// <summary>Runs to the end.</summary>
    /// <param name="interrupted">Ends the measured time early.</param>
    /// <exception cref="ClientFailureException">A connection could not be opened.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted before all were open.</exception>
    public async Task<BenchResult> RunAsync(CancellationToken interrupted)
    {
        using var connector = new ClientConnector(options.Client with { KeepAlive = TimeSpan.Zero });
        var receiving = new ConcurrentBag<Task>();
        try
        {
            var opening = new ParallelOptions { MaxDegreeOfParallelism = MaxOpeningCount, CancellationToken = interrupted };
            await Parallel.ForEachAsync(Enumerable.Range(0, options.Connections), opening, async (number, cancellationToken) =>
            {
                var connection = new BenchConnection(number, await connector.ConnectAsync(cancellationToken), this);
                _connections.Add(connection);
                receiving.Add(connection.ReceiveAsync());
            });

            var result = await MeasureAsync(interrupted);
            await Task.WhenAll(_connections.Select(connection => connection.BeginCloseAsync().AsTask()));
            await Task.WhenAll(receiving);
            return result;
        }
        finally
        {
            foreach (var connection in _connections)
                connection.Dispose();

            await WaitAsync(Task.WhenAll(receiving));
        }
    }

    /// <summary>Something has gone wrong: nothing more is measured.</summary>
    public void Fail(string what)
    {
        _failures.AddOrUpdate(what, 1, static (_, count) => count + 1);
        _failed.Cancel();
    }

    /// <summary>A message is on its way, or waits for those before it.</summary>
    public void CountSent(long due)
    {
        if (_time.Measures(due))
            Interlocked.Increment(ref _sentCount);
    }

    /// <summary>A message of a connection has come back as it was sent.</summary>
    /// <returns>Whether the connection is to send another.</returns>
    public bool CountReceived(int connection, long due, long now)
    {
        if (_time.Measures(due))
            _latencies.Record(connection, (long)TimeProvider.System.GetElapsedTime(due, now).TotalNanoseconds);

        return options.Rate is null && now < _time.End;
    }

    public void Dispose() => _failed.Dispose();

    private async Task<BenchResult> MeasureAsync(CancellationToken interrupted)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_failed.Token, interrupted);
        var cpuBefore = Environment.CpuUsage.TotalTime;
        _time = BenchTime.From(BenchTime.Now, options);
        await LoadAsync(ending.Token);

        // Timers may be early by less than a millisecond: what was not cut short was as long as was said.
        var stopped = ending.IsCancellationRequested ? Math.Min(BenchTime.Now, _time.End) : _time.End;
        await WaitForRestAsync();
        var processors = (Environment.CpuUsage.TotalTime - cpuBefore) / TimeProvider.System.GetElapsedTime(_time.Begin);
        var elapsed = TimeProvider.System.GetElapsedTime(_time.Start, Math.Max(_time.Start, stopped));
        return ResultOf(elapsed, processors);
    }

    private async Task LoadAsync(CancellationToken ending)
    {
        var connections = _connections.ToArray();
        if (options.Rate is { } rate)
        {
            var pacer = new BenchPacer(connections, rate);
            var hasLeft = await Task.Factory.StartNew(() => pacer.Run(_time, ending), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (!hasLeft)
                Fail($"This program could not send {rate} messages per second; let --rate be smaller.");
        }
        else
        {
            foreach (var connection in connections)
            {
                for (var count = 0; count < options.InFlight; count++)
                    connection.Send(BenchTime.Now);
            }
        }

        var left = TimeProvider.System.GetElapsedTime(BenchTime.Now, _time.End);
        await WaitAsync(Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeProvider.System, ending));
    }

    /// <summary>What is on its way may still come back.</summary>
    private async Task WaitForRestAsync()
    {
        foreach (var connection in _connections)
            connection.Stop();

        await WaitAsync(Task.WhenAll(_connections.Select(connection => connection.Drained)).WaitAsync(options.RestTimeout, TimeProvider.System, _failed.Token));
    }

    /// <summary>Waits for the end of a task, however it ends.</summary>
    private static async Task WaitAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private BenchResult ResultOf(TimeSpan elapsed, double processors)
    {
        // First what has come back and then what was sent: what comes meanwhile may count as missing, but nothing that was not sent as come back.
        var latencies = _latencies.ToHistogram();
        var result = new BenchResult(Interlocked.Read(ref _sentCount), elapsed, latencies, processors, []);
        List<string> failures = [.. _failures.OrderByDescending(pair => pair.Value).Select(pair => pair.Value > 1 ? $"{pair.Value} times: {pair.Key}" : pair.Key)];
        if (result.MissingCount > 0)
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"{result.MissingCount:N0} of {result.SentCount:N0} messages did not come back."));
        else if (result.SentCount == 0 && failures.Count == 0)
            failures.Add("It ended before anything had been measured.");

        return result with { Failures = failures };
    }
}
