namespace RawWs.Host;

/// <summary>The limits that the command line sets; null for what the library has by default.</summary>
internal sealed record ServerLimits
{
    public int? MaxConnections { get; init; }

    public int? MaxConnectionsPerAddress { get; init; }

    public int? MaxHandshakes { get; init; }

    public RateSetting? MaxConnectionRate { get; init; }

    public RateSetting? MaxMessageRate { get; init; }

    public RateSetting? MaxByteRate { get; init; }

    public RateSetting? MaxControlRate { get; init; }

    public long? MaxReceiveMemory { get; init; }

    public long? MaxQueueSize { get; init; }

    public int? MaxQueueCount { get; init; }

    public long? MaxQueueMemory { get; init; }

    public int? MaxRooms { get; init; }

    /// <summary>What happens to a broadcast for somebody who reads too slowly.</summary>
    public SlowConsumerPolicy? SlowConsumer { get; init; }

    public void ApplyTo(WebSocketServerOptions options)
    {
        options.MaxConnections = MaxConnections ?? options.MaxConnections;
        options.MaxConnectionsPerAddress = MaxConnectionsPerAddress ?? options.MaxConnectionsPerAddress;
        options.MaxHandshakeCount = MaxHandshakes ?? options.MaxHandshakeCount;
        options.MaxConnectionRate = MaxConnectionRate is { } connections ? connections.Limit : options.MaxConnectionRate;
        options.MaxMessageRate = MaxMessageRate is { } messages ? messages.Limit : options.MaxMessageRate;
        options.MaxByteRate = MaxByteRate is { } bytes ? bytes.Limit : options.MaxByteRate;
        options.MaxControlFrameRate = MaxControlRate is { } control ? control.Limit : options.MaxControlFrameRate;
        options.MaxReceiveMemory = MaxReceiveMemory ?? options.MaxReceiveMemory;
        options.MaxSendQueueSize = MaxQueueSize ?? options.MaxSendQueueSize;
        options.MaxSendQueueCount = MaxQueueCount ?? options.MaxSendQueueCount;
        options.MaxSendQueueMemory = MaxQueueMemory ?? options.MaxSendQueueMemory;
        options.MaxRoomCount = MaxRooms ?? options.MaxRoomCount;
        options.BroadcastPolicy = SlowConsumer ?? options.BroadcastPolicy;
    }
}
