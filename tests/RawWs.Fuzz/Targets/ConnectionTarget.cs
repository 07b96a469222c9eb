namespace RawWs.Fuzz;

/// <summary>A client from its first byte to its end, against a whole server in memory, on a clock that the fuzzer moves, while another client goes on.</summary>
internal sealed class ConnectionTarget : FuzzTarget
{
    public override string Name => "connection";

    public override string Description => "WebSocketServer: whatever one client does, it ends in time, the answer is legal, the echo is right, and the other client notices nothing";

    public override IReadOnlyList<string> CorpusFolders => ["connections", "frames", "heads"];

    public override InputGrammar Grammar { get; } = new ConversationGrammar();

    public override bool IsBehaviourRepeatable => false;

    public override int ShortRunIterations => 200;

    public override ulong Run(byte[] input) => ConnectionScript.RunAsync(input).GetAwaiter().GetResult();
}
