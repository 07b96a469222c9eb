using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RawWs.Host;

namespace RawWs.Load;

/// <summary>Clients of Socket.IO on long-polling: one publishes, and all are sent it, in the answers to their polls. So many messages are under way at most, each until everybody has it.</summary>
/// <param name="target">A Socket.IO server with the event <c>publish</c>.</param>
/// <param name="members">How many clients.</param>
/// <param name="size">Characters of each message.</param>
/// <param name="credit">How many messages are under way at most.</param>
/// <param name="timing">How long.</param>
internal sealed class PollingFanout(LoadTarget target, int members, int size, int credit, LoadTiming timing) : IDisposable
{
    private const char Separator = '\x1E';

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = int.MaxValue }) { Timeout = TimeSpan.FromMinutes(1) };
    private readonly Failures _failures = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _credit = new(credit);
    private readonly string _base = $"http://{target.EndPoint}/socket.io/?EIO=4&transport=polling";
    private long _publishedCount;
    private long _deliveredCount;
    private bool _isStopping;

    /// <summary>Runs to the end.</summary>
    /// <exception cref="IOException">A client could not connect.</exception>
    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        var urls = new List<string>();
        for (var member = 0; member < members; member++)
            urls.Add(await ConnectAsync(cancellationToken));

        var polling = urls.Select(url => Task.Run(() => PollAsync(url, both.Token), CancellationToken.None)).ToList();
        var publishing = Task.Run(() => PublishAsync(urls[0], both.Token), CancellationToken.None);
        await Task.Delay(timing.WarmUp, cancellationToken);

        var (delivered, cpu, start) = (Volatile.Read(ref _deliveredCount), ServerCpu.Of(target.Process), Stopwatch.GetTimestamp());
        await Task.Delay(timing.Duration, cancellationToken);
        var (count, elapsed) = (Volatile.Read(ref _deliveredCount) - delivered, Stopwatch.GetElapsedTime(start));
        var used = ServerCpu.Of(target.Process) - cpu;

        await StopAsync(publishing, polling);
        return new LoadResult("deliveries", count, elapsed, used, GeneratorShare: 0, new LatencyHistogram(), [.. _failures.Lines]);
    }

    public void Dispose()
    {
        _http.Dispose();
        _stopping.Dispose();
        _credit.Dispose();
    }

    private async Task<string> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            var open = await _http.GetStringAsync(new Uri(_base), cancellationToken);
            using var handshake = JsonDocument.Parse(open.AsMemory(1));
            var url = $"{_base}&sid={handshake.RootElement.GetProperty("sid").GetString()}";
            await PostAsync(url, "40", cancellationToken);
            var joined = await _http.GetStringAsync(new Uri(url), cancellationToken);
            return joined.StartsWith("40{", StringComparison.Ordinal) ? url : throw new IOException($"The server answered a client that joined with {joined}.");
        }
        catch (HttpRequestException error)
        {
            throw new IOException($"A client could not connect. {error.Message}", error);
        }
    }

    // What was published and has not been delivered a while after the end of the load is lost.
    private async Task StopAsync(Task publishing, IReadOnlyList<Task> polling)
    {
        Volatile.Write(ref _isStopping, true);
        _credit.Release();
        await publishing;
        var expected = _publishedCount * members;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < timing.RestTimeout && Volatile.Read(ref _deliveredCount) < expected;)
            await Task.Delay(TimeSpan.FromMilliseconds(10));

        if (_deliveredCount != expected && _failures.Count == 0)
            _failures.Add($"{Report.Count(_deliveredCount)} deliveries instead of {Report.Count(expected)}.");

        await _stopping.CancelAsync();
        await Task.WhenAll(polling);
    }

    private async Task PublishAsync(string url, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _credit.WaitAsync(cancellationToken);
                // One at least, however short the load is.
                if (Volatile.Read(ref _isStopping) && _publishedCount > 0)
                    return;

                await PostAsync(url, $"42[\"publish\",\"{TextOf(_publishedCount++)}\"]", cancellationToken);
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            _failures.Add($"A message could not be published. {error.Message}");
        }
    }

    private async Task PollAsync(string url, CancellationToken cancellationToken)
    {
        try
        {
            for (long next = 0; ;)
            {
                foreach (var packet in (await _http.GetStringAsync(new Uri(url), cancellationToken)).Split(Separator))
                {
                    if (packet != $"42[\"news\",\"{TextOf(next)}\"]")
                    {
                        _failures.Add($"A client was sent {packet} instead of message {next}.");
                        return;
                    }

                    next++;
                    if (Interlocked.Increment(ref _deliveredCount) % members == 0)
                        _credit.Release();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end of the run.
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            _failures.Add($"A poll failed. {error.Message}");
        }
    }

    private async Task PostAsync(string url, string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "text/plain");
        using var answer = await _http.PostAsync(new Uri(url), content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private string TextOf(long number) => number.ToString("D8", CultureInfo.InvariantCulture).PadRight(size, 'x');
}
