using System.Buffers;
using System.Net;
using System.Text;
using RawWs.Compression;
using RawWs.Conformance;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>What a client offers, and what the server answers.</summary>
internal sealed class ExtensionTarget : FuzzTarget
{
    private static readonly RequestHeadLimits Limits = new(MaxRequestLineSize: 1 << 16, MaxRequestHeadSize: 1 << 16, MaxHeaderCount: 1 << 16);

    public override string Name => "extensions";

    public override string Description => "ExtensionHeader, DeflateNegotiation: the offers of a second reader, and an answer that only grants what was offered";

    public override IReadOnlyList<string> CorpusFolders => ["extensions"];

    public override InputGrammar Grammar { get; } = new ExtensionGrammar();

    public override ulong Run(byte[] input)
    {
        var behaviour = new Behaviour();
        string[] lines = [.. Encoding.Latin1.GetString(input).Split('\n').Select(line => line.Trim(' ', '\t'))];
        using var head = new RequestHead(Limits);
        if (!TryReadHead(head, lines))
            return behaviour.Hash;

        var expected = PlainExtensions.Read(lines);
        var offers = TryRead(head);
        FindingException.ThrowUnless((offers is null) == (expected is null), $"it judges the grammar unlike the second reader: {offers is not null}");
        if (offers is null || expected is null)
            return behaviour.Hash;

        var isSame = offers.Count == expected.Count && offers.Zip(expected).All(pair => pair.First.Name == pair.Second.Name
            && pair.First.Parameters.Select(parameter => (parameter.Key, parameter.Value)).SequenceEqual(pair.Second.Parameters));
        FindingException.ThrowUnless(isSame, "it reads other offers than the second reader");

        behaviour.AddLength(offers.Count);
        foreach (var mode in (CompressionMode[])[CompressionMode.Shared, CompressionMode.Dedicated])
        {
            foreach (var windowBits in (int[])[9, 12, 15])
                behaviour.Add(Encoding.ASCII.GetBytes(Choose(offers, expected, mode, windowBits)));
        }

        return behaviour.Hash;
    }

    private static bool TryReadHead(RequestHead head, string[] lines)
    {
        var text = $"GET / HTTP/1.1\r\n{string.Concat(lines.Select(line => $"Sec-WebSocket-Extensions: {line}\r\n"))}\r\n";
        try
        {
            var input = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(text));
            return head.TryRead(ref input) && input.IsEmpty;
        }
        catch (RequestRefusedException)
        {
            // A control character: that is the business of another target.
            return false;
        }
    }

    private static IReadOnlyList<ExtensionOffer>? TryRead(RequestHead head)
    {
        try
        {
            return ExtensionHeader.Read(head);
        }
        catch (RequestRefusedException refusal)
        {
            FindingException.ThrowUnless(refusal.Status is HttpStatusCode.BadRequest, $"a malformed list is refused with another status than 400: {refusal.Status}");
            return null;
        }
    }

    private static string Choose(
        IReadOnlyList<ExtensionOffer> offers, List<(string Name, List<(string Name, string? Value)> Parameters)> expected, CompressionMode mode, int windowBits)
    {
        var agreed = DeflateNegotiation.Choose(offers, mode, windowBits, out var response);
        var taken = expected.FindIndex(PlainExtensions.IsAcceptable);
        FindingException.ThrowUnless((agreed is not null) == (taken >= 0), $"it takes no offer, or one that it should not: '{response}'");
        if (agreed is not { } parameters)
        {
            FindingException.ThrowUnless(response.Length == 0, "it answers though it takes no offer");
            return "";
        }

        // The conformance client reads the answer as strictly as a client may.
        var session = DeflateSession.FromResponse(response)!; // Null only for null.
        var offered = expected[taken].Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.OrdinalIgnoreCase);

        FindingException.ThrowUnless(
            parameters == new DeflateParameters(
                session.ServerNoContextTakeover, session.ClientNoContextTakeover, session.ServerMaxWindowBits ?? 15, session.ClientMaxWindowBits ?? 15),
            $"it agrees on something else than it answers: '{response}', {parameters}");
        FindingException.ThrowUnless(!offered.ContainsKey("server_no_context_takeover") || session.ServerNoContextTakeover, $"it ignores what a client must be granted: '{response}'");
        FindingException.ThrowUnless(mode != CompressionMode.Shared || (session.ServerNoContextTakeover && session.ClientNoContextTakeover), $"shared states keep no context: '{response}'");
        FindingException.ThrowUnless(parameters.ServerMaxWindowBits <= Math.Min(windowBits, BitsOf(offered, "server_max_window_bits")), $"its window is larger than agreed: '{response}'");
        FindingException.ThrowUnless(
            session.ClientMaxWindowBits is null || (offered.ContainsKey("client_max_window_bits") && session.ClientMaxWindowBits <= BitsOf(offered, "client_max_window_bits")),
            $"it limits a client that did not say that it can: '{response}'");
        return response;
    }

    private static int BitsOf(Dictionary<string, string?> offered, string name)
        => offered.TryGetValue(name, out var value) && value is not null ? int.Parse(value) : 15;
}
