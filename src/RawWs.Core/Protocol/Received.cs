using System.Buffers;

namespace RawWs.Protocol;

/// <summary>One thing that the peer sent, unmasked and valid.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Type">The type of a message; of no meaning for a control frame.</param>
/// <param name="EndOfMessage">Whether the message ends here. Always true but for a <see cref="ReceivedKind.MessagePart"/>.</param>
/// <param name="Payload">
/// Borrowed: it lies in the receive buffer or in the assembler, and is valid until the assembler is called again or the buffer is
/// given back, whichever comes first.
/// </param>
internal readonly record struct Received(ReceivedKind Kind, MessageType Type, bool EndOfMessage, ReadOnlySequence<byte> Payload);
