using System.Text.Json.Nodes;
using RawWs.Testing;

namespace RawWs.Host.Tests;

/// <summary>When the dashboard looks at the server, and whom it tells.</summary>
public sealed class DashboardFeedTests : IAsyncDisposable
{
    private static readonly DashboardHost Host = new("instance", "1.2.3", "sockets", IsSecure: false, StartedAt: 0, "runtime", "system", ProcessorCount: 1, [1]);

    private readonly RecordingLoggerFactory _log = new();
    private int _sampleCount;
    private bool _isBroken;
    private TestServer? _server;
    private TimeProvider _clock = TimeProvider.System;

    private TestServer Server => _server!; // Each test starts it first.

    [Fact]
    public async Task While_nobody_watches_nothing_is_done()
    {
        await StartAsync();
        Server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _sampleCount);

        var first = await WatchAsync();
        await ReadAsync(first, "hello");
        await ReadAsync(first, "sample");
        Assert.Equal(1, _sampleCount);
        Server.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(4, _sampleCount);

        // One more who watches is no more work.
        var second = await WatchAsync();
        await ReadAsync(second, "hello");
        Server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(6, _sampleCount);

        await LeaveAsync(first);
        Server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(7, _sampleCount);
        await LeaveAsync(second);
        Server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(7, _sampleCount);
    }

    [Fact]
    public async Task Whoever_comes_sees_what_the_others_saw_and_everybody_is_told_each_second()
    {
        await StartAsync();
        var first = await WatchAsync();
        Assert.Empty((await ReadAsync(first, "hello"))["history"]!.AsArray());
        await ReadAsync(first, "sample");
        Server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (int)(await ReadAsync(first, "sample"))["point"]![1]!);

        var second = await WatchAsync();
        var hello = await ReadAsync(second, "hello");
        Assert.Equal([1], hello["history"]!.AsArray().Select(point => (int)point![1]!));
        Assert.Equal(("1.2.3", "instance"), ((string?)hello["host"]!["version"], (string?)hello["host"]!["instance"]));
        Assert.Equal(2, (int)(await ReadAsync(second, "sample"))["point"]![1]!);

        Server.Time.Advance(TimeSpan.FromSeconds(1));
        foreach (var viewer in (WireClient[])[first, second])
        {
            var sample = await ReadAsync(viewer, "sample");
            Assert.Equal((3, 2), ((int)sample["point"]![1]!, (int)sample["watching"]!));
        }
    }

    [Fact]
    public async Task Five_minutes_are_kept_and_no_more_also_when_nobody_watches_for_a_while()
    {
        await StartAsync();
        var first = await WatchAsync();
        await ReadAsync(first, "hello");
        for (var second = 0; second < 400; second++)
        {
            await ReadAsync(first, "sample");
            Server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var other = await WatchAsync();
        var history = (await ReadAsync(other, "hello"))["history"]!.AsArray();
        Assert.Equal(DashboardHistory.MaxCount - 1, history.Count);
        await LeaveAsync(first);
        await LeaveAsync(other);

        Server.Time.Advance(TimeSpan.FromMinutes(4));
        var later = await WatchAsync();
        history = (await ReadAsync(later, "hello"))["history"]!.AsArray();
        Assert.InRange(history.Count, 59, 61);
        Assert.True((double)(await ReadAsync(later, "sample"))["point"]![0]! - (double)history[0]![0]! <= 300_000);
    }

    [Fact]
    public async Task One_who_reads_slowly_is_shown_the_newest()
    {
        await StartAsync();
        var slow = await WatchAsync(capacity: 1);
        await ReadAsync(slow, "hello");
        for (var second = 0; second < 50; second++)
            Server.Time.Advance(TimeSpan.FromSeconds(1));

        // What was on its way already, and then the newest.
        var samples = new List<int>();
        while (samples.LastOrDefault() < 51)
            samples.Add((int)(await ReadAsync(slow, "sample"))["point"]![1]!);

        Assert.InRange(samples.Count, 1, 3);
    }

    [Fact]
    public async Task What_goes_wrong_in_one_second_is_logged_and_the_next_is_another_one()
    {
        await StartAsync();
        var viewer = await WatchAsync();
        await ReadAsync(viewer, "hello");
        await ReadAsync(viewer, "sample");

        _isBroken = true;
        Server.Time.Advance(TimeSpan.FromSeconds(1));
        _isBroken = false;
        Server.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains(_log.AboveDebug, line => line.Contains("could not read the meters", StringComparison.Ordinal));
        Assert.Equal(3, (int)(await ReadAsync(viewer, "sample"))["point"]![1]!);
    }

    [Fact]
    public async Task Whoever_watches_says_nothing()
    {
        await StartAsync();
        var viewer = await WatchAsync();
        await ReadAsync(viewer, "hello");
        await ReadAsync(viewer, "sample");

        await viewer.SendAsync(WireFrame.MaskedText("hello"));

        Assert.Equal(1008, (await viewer.ReadFrameAsync()).CloseCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task StartAsync() => _server = await TestServer.StartAsync(
        configure: options =>
        {
            options.KeepAliveInterval = options.KeepAliveTimeout = options.IdleTimeout = options.WriteTimeout = Timeout.InfiniteTimeSpan;
            _clock = options.TimeProvider;
        },
        map: server =>
        {
            DashboardFeed? feed = null;
            server.Map("/watch", (viewer, cancellationToken) => feed!.RunAsync(viewer, cancellationToken)); // Nobody watches before it is there.
            feed = new DashboardFeed(Host, Take, _clock, _log);
        });

    private SampleEvent Take(int watching)
    {
        _sampleCount++;
        return _isBroken
            ? throw new InvalidOperationException("A meter is broken.")
            : new SampleEvent(
                [Server.Time.GetUtcNow().ToUnixTimeMilliseconds(), _sampleCount], watching, [], Nothing, Nothing, Nothing, Nothing, Nothing, [], []);
    }

    private static readonly Dictionary<string, double> Nothing = [];

    private async Task<WireClient> WatchAsync(int capacity = 64 * 1024)
    {
        var client = Server.Connect(capacity);
        await client.OpenAsync(path: "/watch");
        return client;
    }

    private async Task LeaveAsync(WireClient viewer)
    {
        var count = Server.Server.ConnectionCount;
        viewer.Abort();
        await Eventually.HoldsAsync(() => Server.Server.ConnectionCount < count);
    }

    private static async Task<JsonNode> ReadAsync(WireClient viewer, string type)
    {
        var received = JsonNode.Parse((await viewer.ReadFrameAsync()).Text)!;
        Assert.Equal(type, (string?)received["type"]);
        return received;
    }
}
