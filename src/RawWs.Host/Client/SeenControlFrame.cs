namespace RawWs.Host;

/// <summary>A control frame that a server has sent (RFC 6455 §5.5).</summary>
/// <param name="Opcode">Its opcode: 8 for a close frame, 9 for a ping, 10 for a pong.</param>
/// <param name="Payload">Its application data, 125 bytes at most.</param>
internal sealed record SeenControlFrame(int Opcode, byte[] Payload)
{
    public const int Close = 0x8, Ping = 0x9, Pong = 0xA;
}
