namespace RawWs.Conformance;

/// <summary>Writes DEFLATE's bits, least significant first (RFC 1951 §3.1.1).</summary>
internal sealed class BitWriter
{
    private readonly List<byte> _bytes = [];
    private uint _bits;
    private int _count;

    /// <summary>Writes a number, its lowest bit first.</summary>
    public BitWriter Bits(int value, int count)
    {
        _bits |= (uint)value << _count;
        _count += count;
        while (_count >= 8)
        {
            _bytes.Add((byte)_bits);
            _bits >>= 8;
            _count -= 8;
        }

        return this;
    }

    /// <summary>Writes a Huffman code, its highest bit first.</summary>
    public BitWriter Code(int code, int length)
    {
        for (var bit = length - 1; bit >= 0; bit--)
            Bits((code >> bit) & 1, 1);
        return this;
    }

    /// <summary>Fills the byte with zeros.</summary>
    public BitWriter Align() => _count == 0 ? this : Bits(0, 8 - _count);

    public BitWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        Align();
        _bytes.AddRange(bytes);
        return this;
    }

    public byte[] ToArray()
    {
        Align();
        return [.. _bytes];
    }
}
