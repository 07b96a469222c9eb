namespace RawWs.Conformance;

/// <summary>
/// Compresses messages with fixed codes and greedy matching inside a window of any size, 256 bytes included, which zlib refuses.
/// </summary>
internal sealed class WindowDeflater(int windowBits, bool contextTakeover)
{
    private readonly int _windowSize = 1 << windowBits;
    private byte[] _history = [];

    public byte[] Compress(ReadOnlySpan<byte> message)
    {
        byte[] data = [.. _history, .. message];
        var writer = new BitWriter().BeginFixed();
        var latest = new Dictionary<int, int>();

        for (var position = 0; position < data.Length;)
        {
            var length = position < _history.Length ? 0 : MatchLength(data, position, latest, out _);
            if (length >= FixedHuffman.MinMatchLength)
            {
                MatchLength(data, position, latest, out var distance);
                writer.Match(length, distance);
            }
            else
            {
                length = 1;
                if (position >= _history.Length)
                    writer.Symbol(data[position]);
            }

            for (var end = position + length; position < end; position++)
            {
                if (position + 2 < data.Length)
                    latest[Prefix(data, position)] = position;
            }
        }

        _history = contextTakeover ? data[Math.Max(0, data.Length - _windowSize)..] : [];
        return writer.Symbol(FixedHuffman.EndOfBlock).EndMessage();
    }

    private int MatchLength(byte[] data, int position, Dictionary<int, int> latest, out int distance)
    {
        distance = 0;
        if (position + 2 >= data.Length || !latest.TryGetValue(Prefix(data, position), out var candidate)
            || position - candidate > _windowSize)
        {
            return 0;
        }

        distance = position - candidate;
        var length = FixedHuffman.MinMatchLength;
        var longest = Math.Min(FixedHuffman.MaxMatchLength, data.Length - position);
        while (length < longest && data[candidate + length] == data[position + length])
            length++;
        return length;
    }

    private static int Prefix(byte[] data, int position) => data[position] | (data[position + 1] << 8) | (data[position + 2] << 16);
}
