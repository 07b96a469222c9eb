using System.Buffers;
using System.Text;
using System.Text.Unicode;
using RawWs.Redis;
using RawWs.Redis.Resp;

namespace RawWs.Fuzz;

/// <summary>What Redis answers, in any pieces.</summary>
internal sealed class RespTarget : FuzzTarget
{
    private static readonly RespLimits Limits = new() { MaxDepth = 4, MaxLineLength = 64, MaxItemCount = 1_000, MaxBulkLength = 256, MaxReplySize = 1_000 };

    public override string Name => "resp";

    public override string Description => "RespParser: the same values in any segmentation, and never more kept than a line or a string may have, and what may be a command is the same when it is written";

    public override IReadOnlyList<string> CorpusFolders => ["resp"];

    public override InputGrammar Grammar { get; } = new RespGrammar();

    public override ulong Run(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var values = Read(input, Arrivals.Whole(input.Length));
        foreach (var arrivals in (Arrivals[])[Arrivals.ByteByByte(input.Length, areSegments: random.OneIn(2)), Arrivals.Random(input.Length, random), Arrivals.Random(input.Length, random)])
        {
            var others = Read(input, arrivals);
            FindingException.ThrowUnless(values.SequenceEqual(others), $"the pieces changed the outcome: {arrivals}: {string.Join(' ', others)} instead of {string.Join(' ', values)}");
        }

        var behaviour = new Behaviour();
        behaviour.AddLength(values.Count);
        foreach (var value in values.Take(4))
            behaviour.Add(value[0]);

        return behaviour.Hash;
    }

    private static List<string> Read(byte[] input, Arrivals arrivals)
    {
        var buffer = new ReceiveBuffer(input, arrivals.AreSegments);
        var parser = new RespParser(Limits);
        var values = new List<string>();
        try
        {
            foreach (var end in arrivals.Ends)
            {
                var unread = buffer.Receive(end);
                while (parser.TryRead(ref unread, out var value))
                {
                    values.Add($"{value}");
                    CheckWritten(value);
                }

                buffer.Release(unread);
                FindingException.ThrowUnless(buffer.Kept <= Limits.MaxBulkLength + 2, $"it keeps {buffer.Kept} bytes");
            }
        }
        catch (RespProtocolException violation)
        {
            values.Add(violation.Message);
        }

        return values;
    }

    // A command is an array of strings, the first of which is its name.
    private static void CheckWritten(RespValue value)
    {
        if (value.Type != RespType.Array || value.Items is not [{ Type: RespType.BulkString, Bytes.IsEmpty: false } name, ..] || !Utf8.IsValid(name.Bytes.Span) || value.Items.Any(static item => item.Type != RespType.BulkString))
            return;

        var output = new ArrayBufferWriter<byte>();
        RespWriter.Write(output, new RedisCommand(Encoding.UTF8.GetString(name.Bytes.Span), [.. value.Items.Skip(1).Select(static item => new RedisArgument(item.Bytes))]));
        var written = new ReadOnlySequence<byte>(output.WrittenMemory);
        var isRead = new RespParser(Limits).TryRead(ref written, out var again);
        FindingException.ThrowUnless(isRead && written.IsEmpty && again.Items.Count == value.Items.Count, $"{value} is not read as it was written");
        foreach (var (one, other) in value.Items.Zip(again.Items))
            FindingException.ThrowUnless(one.Bytes.Span.SequenceEqual(other.Bytes.Span), $"{other} was {one} before it was written");
    }
}
