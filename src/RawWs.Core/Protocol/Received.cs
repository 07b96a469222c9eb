using System.Buffers;

namespace RawWs.Protocol;

/// <summary>One thing that the peer sent, unmasked and valid.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Type">The type of a message; of no meaning for a control frame.</param>
/// <param name="EndOfMessage">Whether the message ends here. Always true but for a <see cref="ReceivedKind.MessagePart"/>.</param>
/// <param name="Payload">
/// Borrowed: it lies in the receive buffer, and is valid until that is given back; or in the assembler, and is valid until that is told to
/// release it or delivers another message. That of a control frame is valid until the assembler is called again.
/// </param>
internal readonly record struct Received(ReceivedKind Kind, MessageType Type, bool EndOfMessage, ReadOnlySequence<byte> Payload)
{
    /// <summary>Whether the payload lies in an array, in one piece, right behind the header of its frame, where a header of ours has room: it is shorter, for it has no masking key.</summary>
    public bool IsBehindHeader { get; init; }
}
