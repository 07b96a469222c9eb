namespace RawWs.Conformance;

/// <summary>
/// An inflater of our own for what the server sends, which knows how far back a reference may reach and so can tell whether
/// the server keeps to the window that it agreed to.
/// </summary>
internal sealed class Inflater(int windowBits, bool contextTakeover)
{
    private static readonly int[] CodeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private static readonly HuffmanTable FixedLiterals = new(
        [.. Enumerable.Repeat(8, 144), .. Enumerable.Repeat(9, 112), .. Enumerable.Repeat(7, 24), .. Enumerable.Repeat(8, 8)]);

    private static readonly HuffmanTable FixedDistances = new([.. Enumerable.Repeat(5, 30)]);

    private readonly int _windowSize = 1 << windowBits;
    private byte[] _history = [];
    private byte[] _output = new byte[4096];
    private int _length;

    /// <summary>The farthest back reference seen so far.</summary>
    public int FarthestDistance { get; private set; }

    /// <summary>Whether there was a block with BFINAL, after which zlib forgets what came before.</summary>
    public bool HasSeenFinalBlock { get; private set; }

    /// <summary>Whether there was a block with codes of its own. They are read without all the checks that zlib makes of them.</summary>
    public bool HasSeenDynamicBlock { get; private set; }

    /// <summary>Decompresses the payload of a message (RFC 7692 §7.2.2).</summary>
    public byte[] Inflate(ReadOnlySpan<byte> payload)
    {
        // "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message."
        var input = new BitReader([.. payload, 0, 0, 0xFF, 0xFF]);
        _length = 0;
        Append(_history);

        while (!input.AtEnd)
        {
            var final = input.Bits(1) == 1;
            HasSeenFinalBlock |= final;
            switch (input.Bits(2))
            {
                case 0: InflateStored(input); break;
                case 1: InflateBlock(input, FixedLiterals, FixedDistances); break;
                case 2: InflateDynamic(input); break;
                default: throw VerdictException.Failed("the server's DEFLATE data has a block of the reserved type 3");
            }

            // RFC 7692 §7.2.1: after a block with BFINAL the next one begins at a byte boundary.
            if (final)
                input.Align();
        }

        var message = _output[_history.Length.._length];
        _history = contextTakeover ? _output[Math.Max(0, _length - _windowSize).._length] : [];
        return message;
    }

    private void InflateStored(BitReader input)
    {
        input.Align();
        var length = input.Bits(16);
        if ((input.Bits(16) ^ length) != 0xFFFF)
            throw VerdictException.Failed("the server's DEFLATE data has a stored block whose LEN and NLEN disagree");
        Append(input.Bytes(length));
    }

    private void InflateDynamic(BitReader input)
    {
        HasSeenDynamicBlock = true;
        var (literalCount, distanceCount, codeLengthCount) = (input.Bits(5) + 257, input.Bits(5) + 1, input.Bits(4) + 4);
        var codeLengths = new int[19];
        for (var i = 0; i < codeLengthCount; i++)
            codeLengths[CodeLengthOrder[i]] = input.Bits(3);

        var table = new HuffmanTable(codeLengths);
        var lengths = new List<int>(literalCount + distanceCount);
        while (lengths.Count < literalCount + distanceCount)
        {
            var symbol = table.Read(input);
            var (value, repeat) = symbol switch
            {
                16 => (lengths[^1], input.Bits(2) + 3),
                17 => (0, input.Bits(3) + 3),
                18 => (0, input.Bits(7) + 11),
                _ => (symbol, 1),
            };
            lengths.AddRange(Enumerable.Repeat(value, repeat));
        }

        InflateBlock(input, new HuffmanTable(lengths[..literalCount]), new HuffmanTable(lengths[literalCount..]));
    }

    private void InflateBlock(BitReader input, HuffmanTable literals, HuffmanTable distances)
    {
        while (literals.Read(input) is var symbol && symbol != FixedHuffman.EndOfBlock)
        {
            if (symbol < FixedHuffman.EndOfBlock)
            {
                Append([(byte)symbol]);
                continue;
            }

            if (symbol > 285)
                throw VerdictException.Failed($"the server's DEFLATE data has the reserved length symbol {symbol}");
            var length = FixedHuffman.LengthBase[symbol - 257] + input.Bits(FixedHuffman.LengthExtraBits[symbol - 257]);
            var code = distances.Read(input);
            Copy(length, FixedHuffman.DistanceBase[code] + input.Bits(FixedHuffman.DistanceExtraBits[code]));
        }
    }

    private void Copy(int length, int distance)
    {
        FarthestDistance = Math.Max(FarthestDistance, distance);
        if (distance > _length)
            throw VerdictException.Failed($"the server's DEFLATE data refers {distance} bytes back, where only {_length} bytes are");
        if (distance > _windowSize)
            throw VerdictException.Failed($"the server's DEFLATE data refers {distance} bytes back, outside the agreed window of {_windowSize} (RFC 7692 §7.1.2.1)");

        Reserve(length);
        for (var end = _length + length; _length < end; _length++)
            _output[_length] = _output[_length - distance];
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_output.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int count)
    {
        if (_length + count > _output.Length)
            Array.Resize(ref _output, Math.Max(_output.Length * 2, _length + count));
    }
}
