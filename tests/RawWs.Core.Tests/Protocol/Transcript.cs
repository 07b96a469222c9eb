using System.Buffers;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

/// <summary>
/// What a <see cref="MessageAssembler"/> makes of a byte string, one line for each event, the payload in hex:
/// <c>Text 48656c6c6f</c>, <c>Ping</c>, <c>Fails 1002</c>. The parts of a streamed message make one line where the message ends; one that
/// has not ended when the input does is followed by <c>…</c>.
/// </summary>
internal static class Transcript
{
    /// <summary>Large enough for any test that is not about limits.</summary>
    public static readonly MessageLimits Roomy = new(MaxMessageSize: 1 << 20, MaxStreamedMessageSize: 1 << 20, MaxFragmentCount: 1024);

    /// <summary>Feeds <paramref name="wire"/> in every segmentation, asserts that none makes a difference, and returns the lines.</summary>
    public static string[] Of(byte[] wire, MessageLimits? limits = null, bool streaming = false, Func<IPayloadDecoder>? decoder = null)
    {
        string[]? expected = null;

        foreach (var segmentation in Segmentation.All(wire.Length))
        {
            var lines = Of(wire, segmentation, limits ?? Roomy, streaming, decoder);
            expected ??= lines;
            Assert.True(expected.SequenceEqual(lines), $"{segmentation}: {string.Join(", ", lines)} instead of {string.Join(", ", expected)}");
        }

        return expected!;
    }

    /// <inheritdoc cref="Of(byte[], MessageLimits, bool, Func{IPayloadDecoder})"/>
    public static string[] Of(string hex, MessageLimits? limits = null, bool streaming = false) => Of(Hex.Bytes(hex), limits, streaming);

    /// <summary>Feeds <paramref name="wire"/> in one segmentation, and asserts that moving over small frames and slicing for each make no difference.</summary>
    public static string[] Of(byte[] wire, Segmentation segmentation, MessageLimits limits, bool streaming, Func<IPayloadDecoder>? decoder = null)
    {
        var lines = Of(wire, segmentation, limits, streaming, decoder, isSliced: false);
        var linesOfSliced = Of(wire, segmentation, limits, streaming, decoder, isSliced: true);

        Assert.True(linesOfSliced.SequenceEqual(lines), $"{segmentation}: {string.Join(", ", lines)} instead of {string.Join(", ", linesOfSliced)}");
        return lines;
    }

    private static string[] Of(
        byte[] wire, Segmentation segmentation, MessageLimits limits, bool streaming, Func<IPayloadDecoder>? decoder, bool isSliced)
    {
        var payloadDecoder = decoder?.Invoke();
        using var disposing = payloadDecoder as IDisposable;
        using var assembler = new MessageAssembler(limits, payloadDecoder) { Streaming = streaming };
        var buffer = new ReceiveBuffer(wire, segmentation);
        var lines = new List<string>();
        var parts = new StringBuilder();
        var (events, inflated) = (0, 0L);

        try
        {
            foreach (var end in segmentation.Arrivals(wire.Length))
            {
                var unread = new UnreadBytes(buffer.Receive(end));
                while (TryReceive(assembler, ref unread, isSliced, out var received))
                {
                    // No event without progress: there is none of less than a byte, but for the end of a frame without payload. A decoder may make
                    // more bytes than there are on the wire.
                    inflated += decoder is null ? 0 : received.Payload.Length;
                    Assert.InRange(++events, 1, 1 + wire.Length + inflated);
                    AddLine(lines, parts, received);
                    buffer.Release(unread.Sequence);
                }

                buffer.Release(unread.Sequence);
            }
        }
        catch (ProtocolViolationException violation)
        {
            return [.. lines, $"Fails {(int)violation.Code}"];
        }

        return parts.Length > 0 ? [.. lines, $"{parts}…"] : [.. lines];
    }

    private static bool TryReceive(MessageAssembler assembler, ref UnreadBytes unread, bool isSliced, out Received received)
    {
        if (!isSliced)
            return assembler.TryReceive(ref unread, out received);

        var sequence = unread.Sequence;
        var isReceived = assembler.TryReceive(ref sequence, out received);
        unread = new UnreadBytes(sequence);
        return isReceived;
    }

    private static void AddLine(List<string> lines, StringBuilder parts, Received received)
    {
        var payload = Hex.Of(received.Payload.ToArray());

        if (received.Kind is ReceivedKind.MessagePart)
        {
            if (parts.Length == 0)
                parts.Append(received.Type).Append(' ');

            parts.Append(payload);
            if (!received.EndOfMessage)
                return;

            lines.Add(parts.ToString().TrimEnd());
            parts.Clear();
            return;
        }

        Assert.True(received.EndOfMessage);
        lines.Add($"{(received.Kind is ReceivedKind.Message ? received.Type : received.Kind)} {payload}".TrimEnd());
    }
}
