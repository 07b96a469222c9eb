using System.Buffers;

namespace RawWs.Tests.Protocol;

/// <summary>
/// Does for a parser what a pipe does: keeps what it has not moved past, offers that again with more behind it, and reuses the memory of
/// what it has moved past, which here means that it overwrites it at once.
/// </summary>
internal sealed class ReceiveBuffer(byte[] wire, Segmentation segmentation)
{
    private const byte Reused = 0xDD;

    private readonly byte[] _memory = [.. wire];
    private int _start;
    private int _end;

    /// <summary>Everything that is kept, with what arrives up to <paramref name="end"/> behind it.</summary>
    public ReadOnlySequence<byte> Receive(int end)
    {
        _end = end;
        return segmentation.IsSegmented
            ? Sequences.Cut(_memory, _start, _end, segmentation.Cuts)
            : new ReadOnlySequence<byte>(_memory, _start, _end - _start);
    }

    /// <summary>Reuses the memory before <paramref name="unread"/>.</summary>
    public void Release(in ReadOnlySequence<byte> unread)
    {
        var start = _end - (int)unread.Length;
        _memory.AsSpan(_start, start - _start).Fill(Reused);
        _start = start;
    }
}
