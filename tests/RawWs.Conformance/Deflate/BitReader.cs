namespace RawWs.Conformance;

/// <summary>Reads DEFLATE's bits, least significant first (RFC 1951 §3.1.1).</summary>
internal sealed class BitReader(byte[] bytes)
{
    private long _position;

    public bool AtEnd => _position >= (long)bytes.Length * 8;

    public int Bits(int count)
    {
        var value = 0;
        for (var i = 0; i < count; i++)
            value |= Bit() << i;
        return value;
    }

    public int Bit()
    {
        var index = _position >> 3;
        if (index >= bytes.Length)
            throw VerdictException.Failed("the server's DEFLATE data ends in the middle of a block");
        return (bytes[index] >> (int)(_position++ & 7)) & 1;
    }

    public void Align() => _position = (_position + 7) & ~7L;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        var start = (int)(_position >> 3);
        if (start + count > bytes.Length)
            throw VerdictException.Failed("the server's DEFLATE data ends in the middle of a stored block");
        _position += (long)count * 8;
        return bytes.AsSpan(start, count);
    }
}
