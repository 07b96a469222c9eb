using System.Buffers;
using RawWs.Compression;
using RawWs.Conformance;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Compression;

/// <summary>Compressed messages as bytes, and how they are received.</summary>
internal static class DeflateWire
{
    /// <summary>FIN, RSV1 and the opcode of a message in one frame.</summary>
    public const byte Text = 0xC1, Binary = 0xC2;

    /// <summary>RFC 7692 §7.2.3.1: "Hello" in one fixed block, without its last four octets.</summary>
    public const string Hello = "f2 48 cd c9 c9 07 00";

    /// <summary>RFC 7692 §7.2.3.4: "Hello" in a block with BFINAL.</summary>
    public const string FinalHello = "f3 48 cd c9 c9 07 00 00";

    /// <summary>What a <see cref="Transcript"/> says of "Hello".</summary>
    public const string HelloLine = "Text 48656c6c6f";

    /// <summary>The two agreements between which everything else lies.</summary>
    public static readonly DeflateParameters Apart = new(true, true, 15, 15), Takeover = new(false, false, 15, 15);

    /// <summary>States that no budget bounds, of a level that everybody uses.</summary>
    public static DeflateStates States(Action? alarm = null, long maxMemory = long.MaxValue) => new(1, maxMemory, alarm ?? (() => { }));

    /// <summary>A client's frame whose payload is given as hex.</summary>
    public static byte[] Frame(string hex, byte first = Text) => ClientFrame.Bytes(first, Hex.Bytes(hex));

    /// <summary>The client's frames one behind the other, each a whole text message.</summary>
    public static byte[] Frames(params string[] payloads) => [.. payloads.SelectMany(payload => Frame(payload))];

    /// <summary>What is received, however it is cut and whether whole or as a stream.</summary>
    public static string[] Transcribe(byte[] wire, DeflateParameters parameters, Limits? limits = null)
    {
        using var states = States();
        var whole = Transcript.Of(wire, limits?.Messages, streaming: false, () => new MessageInflater(states, parameters));
        var streamed = Transcript.Of(wire, limits?.Messages, streaming: true, () => new MessageInflater(states, parameters));

        // A stream shows the beginning of a message that fails later, as what goes on.
        Assert.Equal(whole, streamed.Where(line => !line.EndsWith('…')));
        return whole;
    }

    /// <summary>A message that is small on the wire: so many of one byte, as zlib makes it of them.</summary>
    public static byte[] Bomb(int length, byte octet = 0)
    {
        using var deflater = new DynamicDeflater(contextTakeover: false);
        var message = new byte[length];
        message.AsSpan().Fill(octet);
        return deflater.Compress(message);
    }

    /// <summary>Decompresses one message with room for <paramref name="room"/> bytes at a time.</summary>
    public static byte[] Inflate(MessageInflater inflater, ReadOnlySequence<byte> payload, int room = 4096)
    {
        var (output, buffer) = (new ArrayBufferWriter<byte>(), new byte[room]);
        inflater.Begin();
        bool isDone;
        do
        {
            isDone = inflater.Decode(ref payload, isLast: true, buffer, out var written);
            Assert.True(isDone || written == room);
            output.Write(buffer.AsSpan(0, written));
        }
        while (!isDone);

        Assert.True(payload.IsEmpty);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Limits with a name that is short enough for a test.</summary>
    public sealed record Limits(RawWs.Protocol.MessageLimits Messages)
    {
        public Limits(int whole, long streamed)
            : this(new RawWs.Protocol.MessageLimits(whole, streamed, 1024))
        {
        }
    }
}
