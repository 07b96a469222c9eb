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
}
