using System.Buffers.Binary;

namespace RawWs.Load;

/// <summary>A message that is like no other, and its frame: what comes back is then the echo of just this one.</summary>
internal sealed class EchoMessage
{
    private static long _count;

    private readonly byte[] _payload = new byte[32];
    private readonly byte[] _frame = new byte[ClientFrames.MaxHeaderLength + 32];
    private int _frameLength;

    public EchoMessage() => Renew();

    public ReadOnlyMemory<byte> Payload => _payload;

    public ReadOnlyMemory<byte> Frame => _frame.AsMemory(0, _frameLength);

    public void Renew()
    {
        BinaryPrimitives.WriteInt64BigEndian(_payload, Interlocked.Increment(ref _count));
        _frameLength = ClientFrames.Write(_frame, ClientFrames.Binary, _payload);
    }
}
