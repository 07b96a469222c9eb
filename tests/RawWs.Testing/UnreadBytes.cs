namespace RawWs.Testing;

/// <summary>What has come and has not been looked at: added behind, taken in front, in time that grows with what is taken and not with what is left.</summary>
internal sealed class UnreadBytes
{
    private byte[] _bytes = new byte[4 * 1024];
    private int _start;
    private int _end;

    public int Count => _end - _start;

    /// <summary>Where something begins, counted from the first byte that is left; −1 if it is not there.</summary>
    public int IndexOf(ReadOnlySpan<byte> wanted) => _bytes.AsSpan(_start, Count).IndexOf(wanted);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_end + bytes.Length > _bytes.Length)
            MakeRoom(bytes.Length);

        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    public byte[] Take(int count)
    {
        var taken = _bytes.AsSpan(_start, count).ToArray();
        _start += count;
        return taken;
    }

    private void MakeRoom(int count)
    {
        var larger = Count + count > _bytes.Length / 2 ? new byte[2 * (Count + count)] : _bytes;
        _bytes.AsSpan(_start, Count).CopyTo(larger);
        (_bytes, _start, _end) = (larger, 0, Count);
    }
}
