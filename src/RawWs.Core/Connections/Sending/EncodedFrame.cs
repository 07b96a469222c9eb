using RawWs.Protocol;

namespace RawWs.Connections;

/// <summary>A whole message as it goes out, header and payload, in one frame. Never changes, and is shared by all the queues that it waits in.</summary>
/// <remarks>Thread-safe. Its memory is the garbage collector's; what is counted here is only for the budget of the process.</remarks>
internal sealed class EncodedFrame
{
    private readonly int _payloadOffset;
    private int _queueCount;

    /// <param name="opcode">Text or binary.</param>
    /// <param name="payloadLength">How many bytes <see cref="Payload"/> has. They are to be filled in before the frame is shared.</param>
    /// <param name="isCompressed">Whether they are compressed (RFC 7692).</param>
    public EncodedFrame(Opcode opcode, int payloadLength, bool isCompressed)
    {
        (Opcode, IsCompressed) = (opcode, isCompressed);
        _payloadOffset = FrameHeader.LengthFor(payloadLength);
        Bytes = GC.AllocateUninitializedArray<byte>(_payloadOffset + payloadLength);
        Span<byte> header = stackalloc byte[FrameHeader.MaxLength];
        FrameHeader.Write(header, opcode, fin: true, payloadLength, isCompressed);
        header[.._payloadOffset].CopyTo(Bytes);
    }

    public Opcode Opcode { get; }

    /// <summary>Whether the payload is compressed, without reference to any other message.</summary>
    public bool IsCompressed { get; }

    /// <summary>Header and payload.</summary>
    public byte[] Bytes { get; }

    public Memory<byte> Payload => Bytes.AsMemory(_payloadOffset);

    public int PayloadLength => Bytes.Length - _payloadOffset;

    /// <summary>It has got a place in a queue, or is being sent out of one.</summary>
    public void Retain()
    {
        var isFirst = Interlocked.Increment(ref _queueCount) == 1;
        SendBudget.Take(SendBudget.PlaceCost + (isFirst ? Bytes.Length + SendBudget.FrameCost : 0));
    }

    /// <summary>It has left a queue, in whatever way, or has been sent.</summary>
    public void Release()
    {
        var isLast = Interlocked.Decrement(ref _queueCount) == 0;
        SendBudget.Return(SendBudget.PlaceCost + (isLast ? Bytes.Length + SendBudget.FrameCost : 0));
    }
}
