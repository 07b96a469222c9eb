using System.Reflection;
using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class WebSocketServerOptionsTests
{
    [Theory]
    [InlineData(nameof(WebSocketServerOptions.MaxConnections), 1, int.MaxValue)]
    [InlineData(nameof(WebSocketServerOptions.MaxConnectionsPerAddress), 1, int.MaxValue)]
    [InlineData(nameof(WebSocketServerOptions.MaxHandshakeCount), 1, int.MaxValue)]
    [InlineData(nameof(WebSocketServerOptions.Backlog), 1, int.MaxValue)]
    [InlineData(nameof(WebSocketServerOptions.MaxRequestLineSize), 64, 65_536)]
    [InlineData(nameof(WebSocketServerOptions.MaxRequestHeadSize), 256, 1_048_576)]
    [InlineData(nameof(WebSocketServerOptions.MaxHeaderCount), 8, 10_000)]
    [InlineData(nameof(WebSocketServerOptions.MaxRequestsPerConnection), 1, int.MaxValue)]
    [InlineData(nameof(WebSocketServerOptions.MaxMessageSize), 0, 2_147_483_591)]
    [InlineData(nameof(WebSocketServerOptions.MaxFragmentCount), 1, int.MaxValue)]
    [InlineData(nameof(WebSocketServerOptions.MaxReceiveSize), 1, 1_048_576)]
    [InlineData(nameof(WebSocketServerOptions.CompressionThreshold), 0, int.MaxValue)]
    [InlineData(nameof(WebSocketServerOptions.MaxCompressionWindowBits), 9, 15)]
    [InlineData(nameof(WebSocketServerOptions.MaxSendQueueCount), 1, int.MaxValue)]
    [InlineData(nameof(WebSocketServerOptions.MaxRoomCount), 1, int.MaxValue)]
    [InlineData(nameof(WebSocketServerOptions.MaxRoomNameLength), 1, 65_536)]
    [InlineData(nameof(WebSocketServerOptions.MaxRoomsPerConnection), 1, int.MaxValue)]
    public void A_number_has_a_range(string property, int min, int max)
    {
        foreach (var good in new[] { min, max })
            Assert.Equal(good, SetAndGet(property, good));

        Assert.Throws<ArgumentOutOfRangeException>(property, () => SetAndGet(property, min - 1));
        if (max < int.MaxValue)
            Assert.Throws<ArgumentOutOfRangeException>(property, () => SetAndGet(property, max + 1));
    }

    [Theory]
    [InlineData(nameof(WebSocketServerOptions.MaxStreamedMessageSize), 0)]
    [InlineData(nameof(WebSocketServerOptions.MaxCompressionMemory), 1_048_576)]
    [InlineData(nameof(WebSocketServerOptions.MaxReceiveMemory), 1_048_576)]
    [InlineData(nameof(WebSocketServerOptions.MaxSendQueueSize), 0)]
    [InlineData(nameof(WebSocketServerOptions.MaxHistoryMemory), 0)]
    [InlineData(nameof(WebSocketServerOptions.MaxSendQueueMemory), 1_048_576)]
    public void A_large_number_has_a_lower_bound(string property, long min)
    {
        foreach (var good in new[] { min, long.MaxValue })
            Assert.Equal(good, SetAndGet(property, good));

        Assert.Throws<ArgumentOutOfRangeException>(property, () => SetAndGet(property, min - 1));
    }

    [Theory]
    [MemberData(nameof(Times))]
    public void A_time_is_positive_and_one_that_timers_take_or_infinite(string property)
    {
        foreach (var good in new[] { TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(int.MaxValue), Timeout.InfiniteTimeSpan })
            Assert.Equal(good, SetAndGet(property, good));

        foreach (var bad in new[] { TimeSpan.Zero, TimeSpan.FromTicks(-1), TimeSpan.FromMilliseconds(-2), TimeSpan.MinValue, TimeSpan.FromMilliseconds(int.MaxValue + 1L), TimeSpan.MaxValue })
            Assert.Throws<ArgumentOutOfRangeException>(property, () => SetAndGet(property, bad));
    }

    [Theory]
    [InlineData(nameof(WebSocketServerOptions.MaxConnectionRate))]
    [InlineData(nameof(WebSocketServerOptions.MaxMessageRate))]
    [InlineData(nameof(WebSocketServerOptions.MaxByteRate))]
    [InlineData(nameof(WebSocketServerOptions.MaxControlFrameRate))]
    public void A_rate_is_one_that_allows_something_or_none(string property)
    {
        Assert.Equal(new RateLimit(1, 2), SetAndGet(property, new RateLimit(1, 2)));
        Assert.Null(SetAndGet(property, null));
        Assert.Throws<ArgumentOutOfRangeException>(property, () => SetAndGet(property, default(RateLimit)));
    }

    [Theory]
    [InlineData(typeof(CompressionMode))]
    [InlineData(typeof(System.IO.Compression.CompressionLevel))]
    [InlineData(typeof(ForwardingHeaders))]
    [InlineData(typeof(SlowConsumerPolicy))]
    public void A_choice_is_one_of_those_that_there_are(Type choices)
    {
        foreach (var property in typeof(WebSocketServerOptions).GetProperties().Where(property => property.PropertyType == choices).Select(property => property.Name))
        {
            foreach (var good in Enum.GetValues(choices))
                Assert.Equal(good, SetAndGet(property, good));

            Assert.Throws<ArgumentOutOfRangeException>(property, () => SetAndGet(property, Enum.ToObject(choices, 99)));
        }
    }

    [Fact]
    public void Every_choice_is_in_that_table()
        => Assert.Equal(
            ["CompressionLevel", "CompressionMode", "ForwardingHeaders", "SlowConsumerPolicy"],
            typeof(WebSocketServerOptions).GetProperties().Select(property => property.PropertyType).Where(type => type.IsEnum).Select(type => type.Name).Distinct().Order());

    [Fact]
    public void What_a_server_can_not_be_without_is_not_taken_away()
    {
        var options = new WebSocketServerOptions();
        var needed = typeof(WebSocketServerOptions).GetProperties().Where(property => !property.PropertyType.IsValueType && property.GetValue(options) is not null).Select(property => property.Name).ToArray();

        Assert.Equal(["EndPoints", "LoggerFactory", "OriginPolicy", "Subprotocols", "TimeProvider", "TrustedProxies"], needed.Order());
        foreach (var property in needed)
            Assert.Throws<ArgumentNullException>(property, () => SetAndGet(property, null));

        Assert.Throws<ArgumentException>("options", () => new WebSocketServer(new() { EndPoints = { null! } }));
        Assert.Throws<ArgumentNullException>("Certificates", () => new TlsOptions { Certificates = null! });
    }

    // Longest or endless, they are all added to each other and to a clock.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_works_with_the_longest_times(bool isInfinite)
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            foreach (var property in Times())
                typeof(WebSocketServerOptions).GetProperty(property)!.SetValue(options, isInfinite ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(int.MaxValue));
        });
        await using var client = await server.OpenAsync();
        server.Time.Advance(TimeSpan.FromMinutes(10));

        await client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);
        await client.SendAsync(WireFrame.MaskedClose(1000));
        await client.ReadToEndAsync();
        client.EndSending();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        await server.Server.DisposeAsync();
    }

    // In MiB: with little memory, what holds for everybody together is less than what there is.
    [Theory]
    [InlineData(64, 32)]
    [InlineData(192, 96)]
    [InlineData(512, 256)]
    [InlineData(768, 256)]
    [InlineData(1_024, 256)]
    [InlineData(4_096, 1_024)]
    public void What_begins_may_take_a_quarter_of_the_memory_at_least_256_MiB_and_never_more_than_half(long memory, long expected)
    {
        Assert.Equal(expected << 20, WebSocketServerOptions.ReceiveMemoryOf(memory << 20));
        Assert.Equal(WebSocketServerOptions.ReceiveMemoryOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes), new WebSocketServerOptions().MaxReceiveMemory);
    }

    [Fact]
    public void Every_number_and_time_is_in_these_tables()
    {
        var tested = typeof(WebSocketServerOptionsTests).GetMethods().SelectMany(method => method.GetCustomAttributes<InlineDataAttribute>())
            .Select(row => row.Data[0]).OfType<string>().Concat(Times().Select(row => (string)row));

        var all = typeof(WebSocketServerOptions).GetProperties()
            .Where(property => property.PropertyType == typeof(int) || property.PropertyType == typeof(long) || property.PropertyType == typeof(TimeSpan)
                || property.PropertyType == typeof(RateLimit?))
            .Select(property => property.Name);
        Assert.Equal(all.Order(), tested.Order());
    }

    public static TheoryData<string> Times() =>
    [
        nameof(WebSocketServerOptions.HandshakeTimeout), nameof(WebSocketServerOptions.KeepAliveInterval), nameof(WebSocketServerOptions.KeepAliveTimeout),
        nameof(WebSocketServerOptions.IdleTimeout), nameof(WebSocketServerOptions.MessageTimeout), nameof(WebSocketServerOptions.WriteTimeout),
        nameof(WebSocketServerOptions.CloseTimeout), nameof(WebSocketServerOptions.PacingTimeout), nameof(WebSocketServerOptions.HttpIdleTimeout),
        nameof(WebSocketServerOptions.HttpBodyTimeout),
    ];

    private static object? SetAndGet(string property, object? value)
    {
        var options = new WebSocketServerOptions();
        var accessor = typeof(WebSocketServerOptions).GetProperty(property)!;
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
}
