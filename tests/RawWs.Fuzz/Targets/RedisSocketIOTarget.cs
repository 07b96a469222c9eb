namespace RawWs.Fuzz;

/// <summary>What Socket.IO servers say to each other through Redis: over channels, sharded channels and streams, and the sessions that they leave for each other.</summary>
internal sealed class RedisSocketIOTarget : FuzzTarget
{
    public override string Name => "redis-socketio";

    public override string Description => "The adapters for Redis: whatever another server publishes is done or ignored, answers can be read, and what was read is the same when it is written again";

    public override IReadOnlyList<string> CorpusFolders => ["redis-socketio"];

    public override InputGrammar Grammar { get; } = new AdapterBodyGrammar();

    public override int ShortRunIterations => 300;

    public override ulong Run(byte[] input) => RedisSocketIORun.RunAsync(input).GetAwaiter().GetResult();
}
