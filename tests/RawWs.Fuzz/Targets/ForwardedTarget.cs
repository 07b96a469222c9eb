using System.Buffers;
using System.Net;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>What a client writes into the header fields by which a trusted proxy tells of it.</summary>
internal sealed class ForwardedTarget : FuzzTarget
{
    private const string Client = "203.0.113.9";

    private static readonly RequestHeadLimits Limits = new(MaxRequestLineSize: 1 << 16, MaxRequestHeadSize: 1 << 16, MaxHeaderCount: 1 << 16);
    private static readonly TrustedNetworks Trusted = new([IPNetwork.Parse("10.0.0.0/8")]);

    public override string Name => "forwarded";

    public override string Description => "ForwardedClient: whatever a client writes, it stays who the proxy says, or is refused";

    public override IReadOnlyList<string> CorpusFolders => ["forwarded"];

    public override InputGrammar Grammar { get; } = new ForwardedGrammar();

    public override ulong Run(byte[] input)
    {
        var behaviour = new Behaviour();
        string[] lines = [.. Encoding.Latin1.GetString(input).Split('\n').Select(line => line.Trim(' ', '\t'))];

        // A proxy that adds to the last line, and one that adds a line.
        string[] longer = [.. lines[..^1], $"{lines[^1]}, {Client}"], longerPairs = [.. lines[..^1], $"{lines[^1]}, for={Client}"];
        foreach (var older in (string[][])[longer, [.. lines, Client]])
            behaviour.Add(Check(Read([.. older.Select(line => $"X-Forwarded-For: {line}")]), mayBeRefused: false));

        foreach (var newer in (string[][])[longerPairs, [.. lines, $"for={Client}"]])
            behaviour.Add(Check(Read([.. newer.Select(line => $"Forwarded: {line}")]), mayBeRefused: true));

        // A proxy that only knows the one passes on the other.
        behaviour.Add(Check(Read([.. lines.Select(line => $"Forwarded: {line}"), $"X-Forwarded-For: {Client}"]), mayBeRefused: true));
        behaviour.Add(Check(Read([.. lines.Select(line => $"X-Forwarded-For: {line}"), $"Forwarded: for={Client}"]), mayBeRefused: true));
        return behaviour.Hash;
    }

    private static int Check(string outcome, bool mayBeRefused)
    {
        FindingException.ThrowUnless(outcome is Client or "" || (mayBeRefused && outcome == "400"), $"a client has made itself {outcome}");
        return outcome.Length;
    }

    /// <returns>The client's address, the status of a refusal, or nothing for what is no request.</returns>
    private static string Read(string[] fields)
    {
        using var head = new RequestHead(Limits);
        try
        {
            var input = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\n{string.Concat(fields.Select(field => field + "\r\n"))}\r\n"));
            if (!head.TryRead(ref input) || !input.IsEmpty)
                return "";
        }
        catch (RequestRefusedException)
        {
            // A control character: that is the business of another target.
            return "";
        }

        try
        {
            return $"{ForwardedClient.Read(head, Trusted, ForwardingHeaders.Either).EndPoint?.Address}" is { Length: > 0 } address ? address : "nobody";
        }
        catch (RequestRefusedException refusal)
        {
            return $"{(int)refusal.Status}";
        }
    }
}
