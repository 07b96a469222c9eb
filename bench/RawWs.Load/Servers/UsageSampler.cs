namespace RawWs.Load;

/// <summary>Looks at the server once a second, and keeps the most that it saw.</summary>
internal sealed class UsageSampler : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TargetServer _server;
    private readonly Task _loop;

    public UsageSampler(TargetServer server)
    {
        _server = server;
        Latest = Peak = server.Measure();
        _loop = LoopAsync();
    }

    public ServerUsage Latest { get; private set; }

    /// <summary>The most of each, not necessarily at the same moment.</summary>
    public ServerUsage Peak { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!_stopping.IsCancellationRequested && _server.IsRunning)
        {
            Latest = _server.Measure();
            Peak = new ServerUsage(
                Math.Max(Peak.Memory, Latest.Memory), Latest.PeakMemory, Math.Max(Peak.DescriptorCount, Latest.DescriptorCount));
            await Task.Delay(Interval, _stopping.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}
