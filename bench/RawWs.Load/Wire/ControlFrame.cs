using System.Buffers.Binary;

namespace RawWs.Load;

/// <summary>A control frame of a server.</summary>
internal readonly record struct ControlFrame(byte Opcode, byte[] Payload)
{
    /// <summary>The code of a close frame; 1005 for none (RFC 6455 §7.1.5).</summary>
    public int CloseCode => Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 1005;
}
