namespace RawWs.Fuzz;

/// <summary>A Socket.IO client from its first packet to its end, against a whole server in memory, while another client goes on.</summary>
internal sealed class SocketIOConversationTarget : FuzzTarget
{
    public override string Name => "socketio-conversation";

    public override string Description => "SocketIOServer: whatever one client says, over a WebSocket or by polling, it ends, the other is answered, and nothing is logged above Debug";

    public override IReadOnlyList<string> CorpusFolders => ["socketio"];

    public override InputGrammar Grammar { get; } = new PacketGrammar();

    public override bool IsBehaviourRepeatable => false;

    public override int ShortRunIterations => 200;

    public override ulong Run(byte[] input) => SocketIOConversation.RunAsync(input).GetAwaiter().GetResult();
}
