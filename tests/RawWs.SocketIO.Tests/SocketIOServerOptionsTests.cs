using System.Reflection;
using System.Text.Json;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

public sealed class SocketIOServerOptionsTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    [Fact]
    public async Task Whoever_was_refused_by_a_server_stays_refused_when_its_options_are_used_for_another()
    {
        var options = new SocketIOServerOptions { AllowRequest = (_, _) => new("no") };
        await using var server = await TestServer.StartAsync(map: core =>
        {
            _ = new SocketIOServer(core, options);
            (options.AllowRequest, options.Path) = (null, "/public");
            _ = new SocketIOServer(core, options);
        });
        await using var client = new EngineClient(server);

        var refused = await client.GetAsync("/socket.io/?EIO=4&transport=polling");
        var accepted = await client.GetAsync("/public/?EIO=4&transport=polling");

        Assert.Equal((403, 200), (refused.Status, accepted.Status));
    }

    [Fact]
    public async Task Nothing_that_is_changed_in_options_reaches_a_server_that_was_made_with_them()
    {
        var options = EverythingSet();
        await using var core = new WebSocketServer(new() { AllowNoEndPoints = true });
        var server = new SocketIOServer(core, options);
        var given = ChangedOptions.Describe(options);
        Assert.Equal(given, ChangedOptions.Describe(server.Options));

        var changed = ChangedOptions.Change(options);

        // First that the test is one: whatever is new has to be given a value below, unless its default is one.
        var after = ChangedOptions.Describe(options);
        Assert.All(changed, path => Assert.NotEqual(given[path], after.GetValueOrDefault(path)));
        Assert.Superset(new HashSet<string>(["AllowRequest", "Path", "Cors.Origins", "ConnectionStateRecovery", "ConnectionStateRecovery.MaxEventCount"]), changed.ToHashSet());
        Assert.Equal(given, ChangedOptions.Describe(server.Options));
        await server.CloseAsync();
    }

    [Fact]
    public void The_defaults_are_those_that_are_documented()
    {
        var options = new SocketIOServerOptions();
        Assert.Equal(
            (25, 20, 10, 45, 30),
            (options.PingInterval.TotalSeconds, options.PingTimeout.TotalSeconds, options.UpgradeTimeout.TotalSeconds, options.ConnectTimeout.TotalSeconds, options.AckTimeout.TotalSeconds));
        Assert.Equal((1_000_000, 10, 10_000_000, 64), (options.MaxPayload, options.MaxAttachmentCount, options.MaxPacketSize, options.MaxJsonDepth));
        Assert.Equal((100_000, 10_000, 4_096, 4 << 20), (options.MaxSessionCount, options.MaxDetachedSessionCount, options.MaxQueueCount, options.MaxQueueSize));
        Assert.Equal((64, 1_024, 256, 1_024), (options.MaxNamespacesPerConnection, options.MaxRoomsPerSocket, options.MaxPendingEventCount, options.MaxPendingAckCount));
        Assert.Equal((1_000, true, 1_024), (options.MaxDynamicNamespaceCount, options.CleanUpEmptyChildNamespaces, options.HttpCompressionThreshold));
        Assert.Equal((SocketIOTransports.All, true, false), (options.Transports, options.AllowUpgrades, options.AllowEio3));

        var recovery = new ConnectionStateRecoveryOptions();
        Assert.Equal(
            (120, true, 10_000, 10_000, 16 << 20),
            (recovery.MaxDisconnectionDuration.TotalSeconds, recovery.SkipMiddlewares, recovery.MaxSessionCount, recovery.MaxEventCount, recovery.MaxEventSize));
    }

    [Theory]
    [MemberData(nameof(Times))]
    public void A_time_is_above_0_and_one_that_timers_take(string property)
    {
        foreach (var good in new[] { TimeSpan.FromTicks(1), Longest })
            Assert.Equal(good, SetAndGet(property, good));

        foreach (var bad in new[] { TimeSpan.Zero, TimeSpan.FromTicks(-1), Timeout.InfiniteTimeSpan, TimeSpan.MinValue, Longest + TimeSpan.FromTicks(1), TimeSpan.FromDays(50), TimeSpan.MaxValue })
            Assert.Throws<ArgumentOutOfRangeException>(property, () => SetAndGet(property, bad));
    }

    [Theory]
    [InlineData("/a", true)]
    [InlineData("/a/b.c", true)]
    [InlineData("a", false)]
    [InlineData("socket.io", false)]
    [InlineData("", false)]
    [InlineData("/", false)]
    [InlineData("/a/", false)]
    [InlineData("/a?b", false)]
    [InlineData("/a#b", false)]
    [InlineData("/*", false)]
    public void A_path_begins_with_a_slash_and_ends_without_one(string path, bool isOne)
    {
        if (isOne)
            Assert.Equal(path, new SocketIOServerOptions { Path = path }.Path);
        else
            Assert.Contains("such as /socket.io", Assert.Throws<ArgumentException>("Path", () => new SocketIOServerOptions { Path = path }).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("null", true)]
    [InlineData("https://example.com", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("http://[::1]:3000", true)]
    [InlineData("http://a:443", true)]
    [InlineData("capacitor://localhost", true)]
    [InlineData("https://example.com/", false)]
    [InlineData("https://example.com/page", false)]
    [InlineData("https://example.com:443", false)]
    [InlineData("http://example.com:80", false)]
    [InlineData("https://*.example.com", false)]
    [InlineData("https://bücher.example", false)]
    [InlineData("https://me@example.com", false)]
    [InlineData("https://a, https://b", false)]
    [InlineData("https://", false)]
    [InlineData("://a", false)]
    [InlineData("example.com", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_origin_that_may_poll_is_one_that_a_browser_could_send(string? origin, bool isOne)
    {
        if (isOne)
            Assert.Equal([origin!], new CorsPolicy { Origins = [origin!] }.Origins);
        else
            Assert.Contains($"'{origin}'", Assert.Throws<ArgumentException>("Origins", () => new CorsPolicy { Origins = ["https://a.example", origin!] }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_pages_may_set_and_read_has_the_name_of_a_header()
    {
        var good = new CorsPolicy { Origins = ["*"], AllowedHeaders = ["X-A", "*"], ExposedHeaders = ["ETag"], MaxAge = TimeSpan.Zero };

        foreach (var bad in new[] { "", "X A", "X-A, X-B", "X-A\r\nX-B", "Ä", null! })
        {
            Assert.Throws<ArgumentException>("AllowedHeaders", () => good with { AllowedHeaders = [bad] });
            Assert.Throws<ArgumentException>("ExposedHeaders", () => good with { ExposedHeaders = ["ETag", bad] });
        }

        Assert.Throws<ArgumentNullException>("Origins", () => good with { Origins = null! });
        Assert.Throws<ArgumentNullException>("AllowedHeaders", () => good with { AllowedHeaders = null! });
        Assert.Throws<ArgumentOutOfRangeException>("MaxAge", () => good with { MaxAge = TimeSpan.FromTicks(-1) });
        Assert.Null((good with { MaxAge = null }).MaxAge);
    }

    [Fact]
    public void All_times_are_in_that_table()
        => Assert.Equal(
            typeof(SocketIOServerOptions).GetProperties().Where(property => property.PropertyType == typeof(TimeSpan)).Select(property => property.Name).Order(),
            Times().Select(row => (string)row).Order());

    // They are added to each other, and given to timers of the runtime.
    [Theory]
    [InlineData("4")]
    [InlineData("3")]
    public async Task A_server_works_with_the_longest_times_and_the_clock_of_the_system(string protocol)
    {
        var socket = new TaskCompletionSource<SocketIOSocket>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket.SetResult),
            options =>
            {
                foreach (var row in Times())
                    SetAndGet((string)row, Longest, options);

                (options.AllowEio3, options.TimeProvider) = (true, TimeProvider.System);
            });
        await using var client = server.Connect(protocol);
        await client.BeginPollingAsync();
        if (protocol == "4")
            await client.PostAsync("40");

        var asked = (await socket.Task).EmitWithAckAsync<int>("q");
        while (!(await client.PollAsync()).Contains("[\"q\"]", StringComparison.Ordinal))
        {
        }

        await client.PostAsync(protocol == "4" ? "430[7]" : "6:430[7]");
        Assert.Equal(7, await asked);
    }

    [Fact]
    public async Task No_emitter_waits_longer_than_timers_do()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();

        foreach (var bad in new[] { TimeSpan.Zero, Longest + TimeSpan.FromTicks(1), TimeSpan.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>("timeout", () => socket.Timeout(bad));
            Assert.Throws<ArgumentOutOfRangeException>("timeout", () => server.IO.Everybody.Timeout(bad));
        }

        Assert.NotNull(socket.Timeout(Longest));
        Assert.NotNull(server.IO.Everybody.Timeout(Longest));
        await client.DisposeAsync();
    }

    public static TheoryData<string> Times() =>
    [
        nameof(SocketIOServerOptions.PingInterval), nameof(SocketIOServerOptions.PingTimeout), nameof(SocketIOServerOptions.UpgradeTimeout),
        nameof(SocketIOServerOptions.ConnectTimeout), nameof(SocketIOServerOptions.AckTimeout),
    ];

    private static object? SetAndGet(string property, object? value, SocketIOServerOptions? options = null)
    {
        options ??= new SocketIOServerOptions();
        var accessor = typeof(SocketIOServerOptions).GetProperty(property)!;
        try
        {
            accessor.SetValue(options, value);
        }
        catch (TargetInvocationException error)
        {
            throw error.InnerException!;
        }

        return accessor.GetValue(options);
    }

    private static SocketIOServerOptions EverythingSet() => new()
    {
        Cookie = new SessionCookie(),
        InitialPacket = "hello",
        Cors = new CorsPolicy { Origins = new List<string> { "https://a.example" }, AllowedHeaders = new List<string> { "X-A" }, ExposedHeaders = new List<string> { "X-B" } },
        AllowRequest = (_, _) => new("no"),
        GenerateId = (_, _) => new("id"),
        OnInitialHeaders = (_, _) => { },
        OnHeaders = (_, _) => { },
        OnConnectionError = _ => { },
        ConnectionStateRecovery = new ConnectionStateRecoveryOptions(),
        Adapter = nsp => new SocketIOAdapter(nsp),
        Json = new JsonSerializerOptions(),
        TimeProvider = new ManualTimeProvider(),
        LoggerFactory = new RecordingLoggerFactory(),
    };
}
