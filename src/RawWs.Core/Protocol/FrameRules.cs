namespace RawWs.Protocol;

/// <summary>
/// Which frames a client may send at this point of the stream, judged from the first two bytes and the length, before any payload is
/// read: a forbidden frame costs its sender the connection and us no memory.
/// </summary>
/// <param name="InFragmentedMessage">Whether a fragmented message has begun and not ended.</param>
/// <param name="AllowRsv1">Whether an extension that gives RSV1 a meaning was negotiated.</param>
internal readonly record struct FrameRules(bool InFragmentedMessage, bool AllowRsv1 = false)
{
    private const byte FinBit = 0x80, Rsv1Bit = 0x40, Rsv2And3Bits = 0x30, OpcodeBits = 0x0F;
    private const byte MaskBit = 0x80, LengthBits = 0x7F;

    /// <summary>Judges the first two bytes of a frame.</summary>
    /// <exception cref="ProtocolViolationException">They break a rule.</exception>
    public void CheckFirstBytes(byte first, byte second)
    {
        var opcode = (Opcode)(first & OpcodeBits);
        var fin = (first & FinBit) != 0;

        // §5.2: RSV "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values".
        if ((first & Rsv2And3Bits) != 0)
            throw Violation("RSV2 and RSV3 must be 0");

        if ((first & Rsv1Bit) != 0)
            CheckRsv1(opcode);

        if (opcode.IsReserved)
            throw Violation("reserved opcode");

        // §5.1: "The server MUST close the connection upon receiving a frame that is not masked."
        if ((second & MaskBit) == 0)
            throw Violation("a client must mask its frames");

        if (opcode.IsControl)
            CheckControl(fin, second & LengthBits);
        else
            CheckFragmentation(opcode);
    }

    private void CheckRsv1(Opcode opcode)
    {
        if (!AllowRsv1)
            throw Violation("RSV1 must be 0 without an extension");

        // RFC 7692 §6: the bit is set on the first frame of a message only, and control frames are never compressed.
        if (opcode is not (Opcode.Text or Opcode.Binary))
            throw Violation("RSV1 is only for the first frame of a message");
    }

    // §5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
    private static void CheckControl(bool fin, int shortLength)
    {
        if (!fin)
            throw Violation("a control frame must not be fragmented");

        if (shortLength > FrameHeader.MaxShortPayloadLength)
            throw Violation("a control frame carries at most 125 bytes");
    }

    // §5.4: fragments of one message are not interleaved with another's, and a message begins with its opcode.
    private void CheckFragmentation(Opcode opcode)
    {
        if (InFragmentedMessage && opcode != Opcode.Continuation)
            throw Violation("a new message began before the fragmented one ended");

        if (!InFragmentedMessage && opcode == Opcode.Continuation)
            throw Violation("there is no fragmented message to continue");
    }

    private static ProtocolViolationException Violation(string reason) => new(CloseCode.ProtocolError, reason);
}
