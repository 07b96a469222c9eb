using System.CommandLine;

namespace RawWs.Host;

/// <summary>The options of <c>rawws</c> that set limits, and the way from them to <see cref="ServerLimits"/>.</summary>
internal sealed class LimitOptions
{
    private readonly Option<int?> _maxConnections = Count("--max-connections", "100000", "How many connections there may be, 100000 by default; more are answered with 503.");

    private readonly Option<int?> _maxConnectionsPerAddress = Count(
        "--max-connections-per-address", "any number", "How many of them from one address, any number by default; more are answered with 429.");

    private readonly Option<int?> _maxHandshakes = Count(
        "--max-handshakes", "25000", "How many connections may be in their opening handshake, 25000 by default; more are answered with 503.");

    private readonly Option<RateSetting?> _maxConnectionRate = Rate(
        "--max-connection-rate", "any number", "New connections per second, any number by default; more are answered with 503.");

    private readonly Option<RateSetting?> _maxMessageRate = Rate(
        "--max-message-rate", "any number", "Messages per second from one peer, any number by default; more closes with 1008.");

    private readonly Option<RateSetting?> _maxByteRate = Rate(
        "--max-byte-rate", "any number", "Bytes per second from one peer, any number by default; more closes with 1008.");

    private readonly Option<RateSetting?> _maxControlRate = Rate(
        "--max-control-rate", "1000:20000", "Pings, pongs and empty frames per second from one peer, 1000:20000 by default; more closes with 1008.");

    private readonly Option<long?> _maxQueueSize = new HostOption<long?>("--max-queue-size")
    {
        Default = "1M",
        Description = "Bytes that may wait for one peer that reads too slowly, 1M by default; beyond it, --slow-consumer applies.",
        HelpName = "SIZE",
        CustomParser = LimitValues.QueueSize,
    };

    private readonly Option<int?> _maxQueueCount = Count(
        "--max-queue-count", "16384", "Messages that may wait for one peer that reads too slowly, 16384 by default; beyond it, --slow-consumer applies.");

    private readonly Option<long?> _maxQueueMemory = new HostOption<long?>("--max-queue-memory")
    {
        Default = "256M",
        Description = "Bytes that may wait for all peers together, 256M by default; beyond it, the slowest are closed with 1013.",
        HelpName = "SIZE",
        CustomParser = LimitValues.Memory,
    };

    private readonly Option<long?> _maxReceiveMemory = new HostOption<long?>("--max-receive-memory")
    {
        Default = "a quarter of the memory, at least 256 MiB, never more than half",
        Description = "Bytes that messages which are not complete may take, those of all peers together: by default a quarter of the memory, at least 256 MiB, never more than half. Who wants more is closed with 1013.",
        HelpName = "SIZE",
        CustomParser = LimitValues.Memory,
    };

    private readonly Option<int?> _maxRooms = Count("--max-rooms", "100000", "How many rooms there may be, 100000 by default; who would make another is closed with 1013.");

    private readonly Option<SlowConsumerPolicy?> _slowConsumer = new HostOption<SlowConsumerPolicy?>("--slow-consumer")
    {
        Default = "disconnect",
        Description = "What happens to a broadcast for a peer that reads too slowly: disconnect (the default, with 1008), drop-newest, drop-oldest, conflate (only the newest waits) or wait.",
        HelpName = "POLICY",
        CustomParser = LimitValues.SlowConsumer,
        Words = ["disconnect", "drop-newest", "drop-oldest", "conflate", "wait"],
    };

    private IEnumerable<Option> All =>
    [
        _maxConnections, _maxConnectionsPerAddress, _maxHandshakes, _maxConnectionRate, _maxMessageRate, _maxByteRate, _maxControlRate, _maxReceiveMemory, _maxQueueSize,
        _maxQueueCount, _maxQueueMemory, _maxRooms, _slowConsumer,
    ];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Options.Add(option);
    }

    /// <param name="result">One without errors.</param>
    public ServerLimits ValuesOf(ParseResult result) => new()
    {
        MaxConnections = result.GetValue(_maxConnections),
        MaxConnectionsPerAddress = result.GetValue(_maxConnectionsPerAddress),
        MaxHandshakes = result.GetValue(_maxHandshakes),
        MaxConnectionRate = result.GetValue(_maxConnectionRate),
        MaxMessageRate = result.GetValue(_maxMessageRate),
        MaxByteRate = result.GetValue(_maxByteRate),
        MaxControlRate = result.GetValue(_maxControlRate),
        MaxReceiveMemory = result.GetValue(_maxReceiveMemory),
        MaxQueueSize = result.GetValue(_maxQueueSize),
        MaxQueueCount = result.GetValue(_maxQueueCount),
        MaxQueueMemory = result.GetValue(_maxQueueMemory),
        MaxRooms = result.GetValue(_maxRooms),
        SlowConsumer = result.GetValue(_slowConsumer),
    };

    private static HostOption<int?> Count(string name, string @default, string description)
        => new(name) { Default = @default, Description = description, HelpName = "COUNT", CustomParser = LimitValues.Count };

    private static HostOption<RateSetting?> Rate(string name, string @default, string description)
        => new(name) { Default = @default, Description = description, HelpName = "RATE[:BURST]", CustomParser = LimitValues.Rate };
}
