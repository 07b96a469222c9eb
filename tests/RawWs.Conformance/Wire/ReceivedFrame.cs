using System.Buffers;
using System.Buffers.Binary;

namespace RawWs.Conformance;

/// <summary>A frame as the server sent it, checked for what RFC 6455 §5 asks of every frame from a server.</summary>
internal sealed record ReceivedFrame(bool Fin, int Rsv, Opcode Opcode, byte[] Payload)
{
    private const int MaxHeaderLength = 10;

    public bool IsControl => (int)Opcode >= 8;

    /// <summary>Reads one frame from the beginning of <paramref name="input"/>.</summary>
    /// <param name="input">What has arrived.</param>
    /// <param name="needed">How many bytes must have arrived before it is worth trying again.</param>
    /// <param name="length">The length of the frame on the wire.</param>
    /// <returns><see langword="null"/> if the frame is not all there yet.</returns>
    public static ReceivedFrame? TryRead(ReadOnlySequence<byte> input, out long needed, out long length)
    {
        (needed, length) = (2, 0);
        if (input.Length < 2)
            return null;

        var header = input.Slice(0, Math.Min(MaxHeaderLength, input.Length)).ToArray();
        var shortLength = header[1] & 0x7F;
        var headerLength = 2 + shortLength switch { 126 => 2, 127 => 8, _ => 0 };

        if ((header[1] & 0x80) != 0)
            throw VerdictException.Failed("the server masked a frame (§5.1: “A server MUST NOT mask any frames that it sends to the client.”)");

        needed = headerLength;
        if (header.Length < headerLength)
            return null;

        var payloadLength = headerLength switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)),
            10 => BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(2)),
            _ => (ulong)shortLength,
        };
        var opcode = (Opcode)(header[0] & 0x0F);
        CheckHeader(opcode, (header[0] & 0x80) != 0, headerLength, payloadLength);

        length = needed = headerLength + (long)payloadLength;
        return input.Length < length
            ? null
            : new ReceivedFrame((header[0] & 0x80) != 0, (header[0] >> 4) & 7, opcode,
                input.Slice(headerLength, (long)payloadLength).ToArray());
    }

    public override string ToString() => $"{Opcode} FIN={(Fin ? 1 : 0)}{(Rsv == 0 ? "" : $" RSV={Rsv:b3}")} length={Payload.Length}";

    private static void CheckHeader(Opcode opcode, bool fin, int headerLength, ulong payloadLength)
    {
        var smallestAllowed = headerLength switch { 4 => 126u, 10 => 65_536u, _ => 0u };
        if (payloadLength < smallestAllowed || payloadLength > int.MaxValue)
            throw VerdictException.Failed($"the server encoded the length {payloadLength} in {headerLength - 2} extended bytes (§5.2: minimal)");

        if (!Enum.IsDefined(opcode))
            throw VerdictException.Failed($"the server sent the reserved opcode {(int)opcode} (§5.2)");

        if ((int)opcode >= 8 && (!fin || payloadLength > 125))
            throw VerdictException.Failed($"the server sent a {opcode} with FIN={fin} and {payloadLength} bytes (§5.5)");
    }
}
