namespace RawWs.Conformance;

/// <summary>RFC 6455 §5.2. Other values are reserved, and can be sent by a cast.</summary>
internal enum Opcode
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}
