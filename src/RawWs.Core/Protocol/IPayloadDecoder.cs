using System.Buffers;

namespace RawWs.Protocol;

/// <summary>What an extension that uses RSV1 does to a message between the wire and the application.</summary>
internal interface IPayloadDecoder
{
    /// <summary>An encoded message begins.</summary>
    /// <exception cref="ProtocolViolationException">There is no memory for it.</exception>
    void Begin();

    /// <summary>Decodes what there is room for, and moves <paramref name="input"/> past what was used.</summary>
    /// <param name="input">The next piece of the message.</param>
    /// <param name="isLast">Whether the message ends with it.</param>
    /// <param name="output">Room for at least one byte.</param>
    /// <param name="written">How many bytes were decoded.</param>
    /// <returns>Whether nothing more comes out without more input; then all of it has been used. Otherwise the room was too small.</returns>
    /// <exception cref="ProtocolViolationException">The message is malformed.</exception>
    bool Decode(ref ReadOnlySequence<byte> input, bool isLast, Span<byte> output, out int written);
}
