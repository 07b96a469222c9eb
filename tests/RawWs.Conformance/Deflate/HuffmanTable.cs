namespace RawWs.Conformance;

/// <summary>A canonical Huffman code (RFC 1951 §3.2.2), decoded bit by bit: slow, and short enough to be seen to be right.</summary>
internal sealed class HuffmanTable
{
    private const int MaxLength = 15;

    private readonly int[] _countOfLength = new int[MaxLength + 1];
    private readonly int[] _symbols;

    public HuffmanTable(IReadOnlyList<int> lengths)
    {
        _symbols = [.. Enumerable.Range(0, lengths.Count).Where(symbol => lengths[symbol] > 0).OrderBy(symbol => lengths[symbol])];
        foreach (var symbol in _symbols)
            _countOfLength[lengths[symbol]]++;
    }

    public int Read(BitReader input)
    {
        int code = 0, first = 0, index = 0;
        for (var length = 1; length <= MaxLength; length++)
        {
            code |= input.Bit();
            var count = _countOfLength[length];
            if (code - first < count)
                return _symbols[index + code - first];
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        throw VerdictException.Failed("the server's DEFLATE data has a code that its own table does not define");
    }
}
