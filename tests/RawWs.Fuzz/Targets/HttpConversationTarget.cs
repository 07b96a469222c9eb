namespace RawWs.Fuzz;

/// <summary>Requests over one connection, against a whole server in memory: what is smuggled in one segmentation shows in another.</summary>
internal sealed class HttpConversationTarget : FuzzTarget
{
    public override string Name => "http-conversation";

    public override string Description => "WebSocketServer: the same responses to the same bytes in any segmentation, none more than there are requests, and a connection that ends with its client";

    public override IReadOnlyList<string> CorpusFolders => ["http", "heads"];

    public override InputGrammar Grammar { get; } = new RequestGrammar();

    public override bool IsBehaviourRepeatable => false;

    public override int ShortRunIterations => 200;

    public override ulong Run(byte[] input) => RunAsync(input).GetAwaiter().GetResult();

    private static async Task<ulong> RunAsync(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var whole = await HttpConversation.RunAsync(input, Arrivals.Whole(input.Length));
        var inPieces = await HttpConversation.RunAsync(input, Arrivals.Random(input.Length, random));
        FindingException.ThrowUnless(whole.SequenceEqual(inPieces), $"the pieces changed the responses:\n{string.Join('\n', inPieces)}\ninstead of\n{string.Join('\n', whole)}");

        // Each response has a request of its own, or is the refusal of what was to be one.
        var requests = CountOf(input, "HTTP/1."u8);
        FindingException.ThrowUnless(whole.Count <= requests + 1, $"{whole.Count} responses to {requests} requests");

        var behaviour = new Behaviour();
        foreach (var response in whole)
            behaviour.Add(response.Status);

        return behaviour.Hash;
    }

    private static int CountOf(ReadOnlySpan<byte> input, ReadOnlySpan<byte> wanted)
    {
        var count = 0;
        for (var at = input.IndexOf(wanted); at >= 0; at = input.IndexOf(wanted))
        {
            input = input[(at + wanted.Length)..];
            count++;
        }

        return count;
    }
}
