using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>One frame header, in every state of the rules, at every length and every cut.</summary>
internal sealed class FrameHeaderTarget : FuzzTarget
{
    public override string Name => "frame-header";

    public override string Description => "FrameHeader: the RFC's verdict at every split, nothing consumed before it, and what is read writes the same bytes";

    public override IReadOnlyList<string> CorpusFolders => ["frames"];

    public override InputGrammar Grammar { get; } = new FrameGrammar();

    public override int MaxInputLength => FrameHeader.MaxLength + 2;

    public override ulong Run(byte[] input)
    {
        var behaviour = new Behaviour();
        foreach (var inFragmentedMessage in new[] { false, true })
        {
            foreach (var allowRsv1 in new[] { false, true })
                RunWith(new FrameRules(inFragmentedMessage, allowRsv1), input, ref behaviour);
        }

        return behaviour.Hash;
    }

    private static void RunWith(FrameRules rules, byte[] input, ref Behaviour behaviour)
    {
        FrameHeader? decided = null;
        var isRefused = false;

        for (var length = 0; length <= input.Length; length++)
        {
            // Once there is a verdict, it must be the same at the end too; exceptions are too slow to ask at each byte.
            if (decided is not null || isRefused)
                length = input.Length;

            var prefix = input.AsMemory(0, length);
            var (header, violation) = Read(new ReadOnlySequence<byte>(prefix), rules);

            var expected = PlainHeader.IsLegal(prefix.Span, rules.InFragmentedMessage, rules.AllowRsv1);
            bool? actual = violation is not null ? false : header is null ? null : true;
            FindingException.ThrowUnless(actual == expected, $"the verdict is not the RFC's: {actual} instead of {expected} after {length} bytes");

            // A verdict stays, whatever comes behind it.
            FindingException.ThrowUnless(decided is null || decided == header, $"more input changed the header: {decided}, {header}");
            FindingException.ThrowUnless(!isRefused || violation is not null, "more input made a violation legal");
            (decided, isRefused) = (header, violation is not null);

            for (var cut = 0; cut <= length; cut++)
            {
                var (cutHeader, cutViolation) = Read(Cut(prefix, cut), rules);
                FindingException.ThrowUnless(
                    cutHeader == header && cutViolation?.Message == violation?.Message, $"a cut changed the verdict: at {cut} of {length}");
            }

            if (header is { } read)
                CheckRoundTrip(read, prefix.Span);

            behaviour.Add(violation is null ? 0 : (int)violation.Code);
        }

        if (decided is not { } last)
            return;

        behaviour.Add((int)last.Opcode | (last.Fin ? 0x100 : 0) | (last.Rsv1 ? 0x200 : 0));
        behaviour.AddLength(last.PayloadLength);
    }

    private static (FrameHeader? Header, ProtocolViolationException? Violation) Read(ReadOnlySequence<byte> input, FrameRules rules)
    {
        var length = input.Length;
        try
        {
            if (!FrameHeader.TryRead(ref input, rules, out var header))
            {
                FindingException.ThrowUnless(input.Length == length, "it consumed input without a result");
                return (null, null);
            }

            var expected = FrameHeader.LengthFor(header.PayloadLength) + sizeof(uint);
            FindingException.ThrowUnless(length - input.Length == expected, $"it consumed {length - input.Length} bytes: the header has {expected}");
            return (header, null);
        }
        catch (ProtocolViolationException violation)
        {
            FindingException.ThrowUnless(violation.Code.IsAllowedOnWire, $"the code must not be sent: {violation.Code}");
            FindingException.ThrowUnless(input.Length == length, "it consumed input before a violation");
            return (null, violation);
        }
    }

    // We write no masks: the bits that a server never sets, and the key, are put in by hand.
    private static void CheckRoundTrip(in FrameHeader header, ReadOnlySpan<byte> read)
    {
        Span<byte> written = stackalloc byte[FrameHeader.MaxLength];
        var length = FrameHeader.Write(written, header.Opcode, header.Fin, header.PayloadLength);
        FindingException.ThrowUnless(length == FrameHeader.LengthFor(header.PayloadLength), "it wrote another length than it announced");

        written[0] |= (byte)(header.Rsv1 ? 0x40 : 0);
        written[1] |= 0x80;
        FindingException.ThrowUnless(header.MaskingKey is not null, "a masked frame has no masking key");
        var key = header.MaskingKey.Value;
        ReadOnlySpan<byte> keyBytes = [(byte)key, (byte)(key >> 8), (byte)(key >> 16), (byte)(key >> 24)];
        keyBytes.CopyTo(written[length..]);

        FindingException.ThrowUnless(read[..(length + 4)].SequenceEqual(written[..(length + 4)]), "what was read does not write the same bytes");
    }

    private static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, int cut)
    {
        var buffer = new ReceiveBuffer(bytes.ToArray(), areSegments: true);
        buffer.Receive(cut);
        return buffer.Receive(bytes.Length);
    }
}
