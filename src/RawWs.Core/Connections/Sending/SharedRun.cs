using System.Buffers;

namespace RawWs.Connections;

/// <summary>
/// The frames that the last connection of this thread was sent at the end of its turn. The next one is mostly sent the same, and whoever comes after the first
/// needs no copy of its own: all of it lies in one piece for them.
/// </summary>
/// <remarks>
/// Belongs to one thread, and keeps what it holds until there is something else: as much as leaves in one call, once for each thread. What it has given out never
/// changes, for the network may take it later.
/// </remarks>
internal sealed class SharedRun
{
    [ThreadStatic]
    private static SharedRun? _ofThread;

    private EncodedFrame[] _frames = [];
    private int _count;
    private byte[]? _bytes;

    public static SharedRun OfThread => _ofThread ??= new SharedRun();

    /// <summary>Finds the bytes of these frames in one piece.</summary>
    /// <returns>Whether they are, because somebody has been sent them before, or there is only one. Otherwise they will be for the next one who is sent them.</returns>
    public bool TryGet(in TurnFrames noted, out ReadOnlySequence<byte> bytes)
    {
        if (noted.Frames is [var single])
        {
            bytes = new ReadOnlySequence<byte>(single.Bytes);
            return true;
        }

        if (IsThis(noted.Frames))
        {
            bytes = new ReadOnlySequence<byte>(_bytes ??= Join(noted));
            return true;
        }

        Remember(noted.Frames);
        bytes = default;
        return false;
    }

    private bool IsThis(ReadOnlySpan<EncodedFrame> frames)
    {
        if (frames.Length != _count)
            return false;

        for (var index = 0; index < frames.Length; index++)
        {
            if (frames[index] != _frames[index])
                return false;
        }

        return true;
    }

    private void Remember(ReadOnlySpan<EncodedFrame> frames)
    {
        if (_frames.Length < frames.Length)
            _frames = new EncodedFrame[frames.Length];
        else
            _frames.AsSpan(frames.Length, Math.Max(0, _count - frames.Length)).Clear();

        frames.CopyTo(_frames);
        (_count, _bytes) = (frames.Length, null);
    }

    private static byte[] Join(in TurnFrames noted)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(noted.Bytes);
        var length = 0;
        foreach (var frame in noted.Frames)
        {
            frame.Bytes.CopyTo(bytes, length);
            length += frame.Bytes.Length;
        }

        return bytes;
    }
}
