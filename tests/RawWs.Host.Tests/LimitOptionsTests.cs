namespace RawWs.Host.Tests;

public class LimitOptionsTests
{
    private readonly CommandLine _commandLine = new(_ => Task.FromResult(ExitCode.Success));

    [Fact]
    public void Without_arguments_the_library_decides()
    {
        var (options, defaults) = (Applied(), new WebSocketServerOptions());

        foreach (var property in typeof(WebSocketServerOptions).GetProperties().Where(property => property.PropertyType.IsValueType))
            Assert.Equal(property.GetValue(defaults), property.GetValue(options));
    }

    [Fact]
    public void Each_limit_reaches_the_server()
    {
        var options = Applied(
            "--max-connections", "10", "--max-connections-per-address", "2", "--max-handshakes", "3", "--max-connection-rate", "100:200",
            "--max-message-rate", "50", "--max-byte-rate", "64K:1M", "--max-control-rate", "none", "--max-queue-size", "2K", "--max-queue-count", "7",
            "--max-queue-memory", "1M", "--max-receive-memory", "8M", "--max-rooms", "5", "--slow-consumer", "drop-oldest");

        Assert.Equal((10, 2, 3), (options.MaxConnections, options.MaxConnectionsPerAddress, options.MaxHandshakeCount));
        Assert.Equal(new RateLimit(100, 200), options.MaxConnectionRate);
        Assert.Equal(new RateLimit(50, 50), options.MaxMessageRate);
        Assert.Equal(new RateLimit(64 << 10, 1 << 20), options.MaxByteRate);
        Assert.Null(options.MaxControlFrameRate);
        Assert.Equal((2048, 7, 1L << 20, 5), (options.MaxSendQueueSize, options.MaxSendQueueCount, options.MaxSendQueueMemory, options.MaxRoomCount));
        Assert.Equal((8L << 20, SlowConsumerPolicy.DropOldest), (options.MaxReceiveMemory, options.BroadcastPolicy));
    }

    [Theory]
    [InlineData("disconnect", SlowConsumerPolicy.Disconnect)]
    [InlineData("drop-newest", SlowConsumerPolicy.DropNewest)]
    [InlineData("Drop-Oldest", SlowConsumerPolicy.DropOldest)]
    [InlineData("conflate", SlowConsumerPolicy.Conflate)]
    [InlineData("wait", SlowConsumerPolicy.Wait)]
    public void A_policy_has_a_name(string name, SlowConsumerPolicy expected) => Assert.Equal(expected, Applied("--slow-consumer", name).BroadcastPolicy);

    [Theory]
    [InlineData("--max-connections 0", "--max-connections takes a number from 1 to 2147483647; '0' is none.")]
    [InlineData("--max-rooms many", "--max-rooms takes a number from 1 to 2147483647; 'many' is none.")]
    [InlineData("--max-queue-size 0", "--max-queue-size takes a number of bytes such as 65536, 64K or 4M, from 1 to 1024G; '0' is none.")]
    [InlineData("--max-queue-memory 1K", "--max-queue-memory takes a number of bytes such as 64M or 1G, from 1M to 1024G; '1K' is none.")]
    [InlineData("--slow-consumer drop", "--slow-consumer takes disconnect, drop-newest, drop-oldest, conflate or wait; 'drop' is none.")]
    [InlineData("--room-history -1", "--room-history takes a number from 0 to 100000; '-1' is none.")]
    [InlineData("--room-history 100001", "--room-history takes a number from 0 to 100000; '100001' is none.")]
    [InlineData("--max-receive-memory 1023K", "--max-receive-memory takes a number of bytes such as 64M or 1G, from 1M to 1024G; '1023K' is none.")]
    [InlineData("--drain-code 1000", "--drain-code takes 1001 (going away) or 1012 (a restart); '1000' is none of these.")]
    [InlineData("--drain-window -1", "--drain-window takes a number of seconds from 0 to 86400, such as 10 or 0.5; '-1' is none.")]
    [InlineData("--drain-window 11", "--drain-window is 11 s, longer than the 10 s of --drain-time; make it shorter, or the time longer.")]
    [InlineData("--drain-window 3 --drain-time 2", "--drain-window is 3 s, longer than the 2 s of --drain-time; make it shorter, or the time longer.")]
    public void A_wrong_value_is_told_with_what_to_write_instead(string args, string expected)
        => Assert.Equal(expected, _commandLine.Parse(args.Split(' ')).Errors[0].Message);

    [Theory]
    [InlineData("0")]
    [InlineData("5:0")]
    [InlineData("5:")]
    [InlineData(":5")]
    [InlineData("1:2:3")]
    [InlineData("fast")]
    public void A_rate_is_a_number_with_or_without_a_burst(string text)
        => Assert.StartsWith("--max-message-rate takes a number per second such as 100", _commandLine.Parse(["--max-message-rate", text]).Errors[0].Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", 10, 2)]
    [InlineData("--drain-time 1", 1, 0.5)]
    [InlineData("--drain-time 60 --drain-window 30", 60, 30)]
    [InlineData("--drain-time 3 --drain-window 3", 3, 3)]
    public void A_short_drain_has_a_short_window(string args, double time, double window)
    {
        var options = Parse(args.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((TimeSpan.FromSeconds(time), TimeSpan.FromSeconds(window)), (options.DrainTime, options.DrainWindow));
    }

    private WebSocketServerOptions Applied(params string[] args)
    {
        var options = new WebSocketServerOptions();
        Parse(args).Limits.ApplyTo(options);
        return options;
    }

    private HostOptions Parse(params string[] args)
    {
        var result = _commandLine.Parse(args);
        Assert.Empty(result.Errors);
        return _commandLine.OptionsOf(result);
    }
}
