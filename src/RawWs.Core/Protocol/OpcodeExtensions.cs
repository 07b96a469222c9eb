namespace RawWs.Protocol;

/// <summary>The vocabulary of opcodes (RFC 6455 §5.2).</summary>
internal static class OpcodeExtensions
{
    extension(Opcode opcode)
    {
        /// <summary>§5.5: "Control frames are identified by opcodes where the most significant bit of the opcode is 1."</summary>
        public bool IsControl => ((byte)opcode & 0x8) != 0;

        /// <summary>3–7 and 11–15 "are reserved" for frames that are yet to be defined.</summary>
        public bool IsReserved => (byte)opcode is (>= 0x3 and <= 0x7) or >= 0xB;
    }

    extension(MessageType type)
    {
        /// <summary>The opcode of such a message's first frame.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is neither text nor binary.</exception>
        public Opcode ToOpcode() => type switch
        {
            MessageType.Text => Opcode.Text,
            MessageType.Binary => Opcode.Binary,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary."),
        };
    }
}
