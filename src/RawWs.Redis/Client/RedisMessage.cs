namespace RawWs.Redis;

/// <summary>What somebody has published.</summary>
/// <param name="Channel">The name of the channel it was published to.</param>
/// <param name="Payload">What was published. It may be kept.</param>
public readonly record struct RedisMessage(string Channel, ReadOnlyMemory<byte> Payload);
