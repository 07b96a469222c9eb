namespace RawWs.SocketIO.Protocol;

/// <summary>Packets as the body of one response or request.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="IsBinary">Whether it has the binary form that protocol 3 has besides text.</param>
/// <param name="IsCompressible">Whether one of its packets may be compressed.</param>
internal readonly record struct PollingBody(ReadOnlyMemory<byte> Bytes, bool IsBinary = false, bool IsCompressible = true);
