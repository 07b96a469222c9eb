using System.Buffers;

namespace RawWs.Redis.Resp;

/// <summary>
/// Reads values from bytes as they arrive, in whatever pieces. It keeps its place between calls, so that no byte of a large reply is looked at again and again,
/// and reserves nothing for what a server merely announces.
/// </summary>
/// <remarks>
/// Not thread-safe. After a violation it is not to be used again.
/// <code>
/// line:        type  text without CR and LF  CR LF                     + - : _ # , (
/// bytes:       type  length  CR LF  that many bytes  CR LF             $ ! =
/// collection:  type  length  CR LF  that many values (% and |: pairs)  * ~ > % |
/// </code>
/// What RESP3 has for strings and collections of unknown length, no server sends, and it is refused.
/// </remarks>
internal sealed class RespParser(RespLimits limits)
{
    private const byte Attribute = (byte)'|';

    // At most this many places are made at once for a collection: the rest only when values have come to fill them.
    private const int FirstItems = 16;

    private readonly Stack<OpenCollection> _open = new();

    // Of bytes that are to come: their type and number; null when a line is to come.
    private (byte Type, int Length)? _bytes;
    private long _size;
    private int _itemCount;

    /// <summary>Reads one value, and moves <paramref name="input"/> past it, or past as much of it as there is.</summary>
    /// <returns><see langword="false"/> if it is not all there yet: what is left of <paramref name="input"/> is to come again, with more behind it.</returns>
    /// <exception cref="RespProtocolException">This is no RESP, or more than the limits allow.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> input, out RespValue value)
    {
        while (true)
        {
            if (!TryReadItem(ref input, out var item))
            {
                value = default;
                return false;
            }

            if (item is { } complete && TryComplete(complete, out value))
            {
                (_size, _itemCount) = (0, 0);
                return true;
            }
        }
    }

    /// <returns><see langword="false"/> if it is not all there; a null item if a collection has begun, or the bytes of a string are next.</returns>
    private bool TryReadItem(ref ReadOnlySequence<byte> input, out RespValue? item)
    {
        item = null;
        if (_bytes is { } expected)
        {
            if (!TryTakeBytes(ref input, expected.Length, out var bytes))
                return false;

            _bytes = null;
            item = OfBytes(expected.Type, bytes);
            return true;
        }

        if (!TryTakeLine(ref input, out var line))
            return false;

        item = OfLine(line[0], line.AsSpan(1));
        return true;
    }

    private bool TryTakeLine(ref ReadOnlySequence<byte> input, out byte[] line)
    {
        line = [];
        var reader = new SequenceReader<byte>(input);
        if (!reader.TryReadToAny(out ReadOnlySequence<byte> text, "\r\n"u8, advancePastDelimiter: false))
            return input.Length <= limits.MaxLineLength ? false : throw new RespProtocolException("a line is too long");

        if (text.Length > limits.MaxLineLength)
            throw new RespProtocolException("a line is too long");

        if (text.IsEmpty)
            throw new RespProtocolException("a line is empty");

        if (reader.IsNext((byte)'\n'))
            throw new RespProtocolException("a line ends in LF alone");

        if (reader.Remaining < 2)
            return false;

        if (!reader.IsNext("\r\n"u8, advancePast: true))
            throw new RespProtocolException("a line has a CR within it");

        line = text.ToArray();
        Charge(reader.Consumed);
        input = input.Slice(reader.Position);
        return true;
    }

    private static bool TryTakeBytes(ref ReadOnlySequence<byte> input, int length, out byte[] bytes)
    {
        bytes = [];
        if (input.Length < length + 2L)
            return false;

        var end = new SequenceReader<byte>(input.Slice(length));
        if (!end.IsNext("\r\n"u8))
            throw new RespProtocolException("a string is not as long as it says");

        bytes = input.Slice(0, length).ToArray();
        input = input.Slice(length + 2L);
        return true;
    }

    private RespValue? OfLine(byte type, ReadOnlySpan<byte> line)
    {
        switch (type)
        {
            case (byte)'+':
                return RespValue.OfBytes(RespType.SimpleString, line.ToArray());
            case (byte)'-':
                return RespValue.OfBytes(RespType.Error, line.ToArray());
            case (byte)':':
                return RespValue.FromInteger(RespNumber.Integer(line));
            case (byte)'_':
                return line.IsEmpty ? RespValue.Null : throw new RespProtocolException("a null has content");
            case (byte)'#':
                return RespValue.OfBoolean(RespNumber.Boolean(line));
            case (byte)',':
                return RespValue.OfDouble(RespNumber.Double(line));
            case (byte)'(':
                return RespValue.OfBytes(RespType.BigNumber, RespNumber.BigNumber(line));
            case (byte)'$' or (byte)'!' or (byte)'=':
                return ExpectBytes(type, RespNumber.Length(line, mayBeNull: type == '$'));
            case (byte)'*' or (byte)'~' or (byte)'>' or (byte)'%' or Attribute:
                return Open(type, RespNumber.Length(line, mayBeNull: type == '*'));
            default:
                throw new RespProtocolException("a value has a type that there is none of");
        }
    }

    private RespValue? ExpectBytes(byte type, long length)
    {
        if (length < 0)
            return RespValue.Null;

        if (length > limits.MaxBulkLength)
            throw new RespProtocolException("a string is too long");

        // Before they have come: what is too much is not waited for.
        Charge(length + 2);
        _bytes = (type, (int)length);
        return null;
    }

    private static RespValue OfBytes(byte type, byte[] bytes) => type switch
    {
        (byte)'!' => RespValue.OfBytes(RespType.Error, bytes),
        (byte)'=' when bytes is [_, _, _, (byte)':', ..] => RespValue.OfBytes(RespType.VerbatimString, bytes[4..]),
        (byte)'=' => throw new RespProtocolException("a verbatim string does not name its format"),
        _ => RespValue.OfBytes(RespType.BulkString, bytes),
    };

    private RespValue? Open(byte type, long length)
    {
        if (length < 0)
            return RespValue.Null;

        if (type == '>' && _open.Count > 0)
            throw new RespProtocolException("a push message is within another value");

        var itemCount = type is (byte)'%' or Attribute ? 2 * length : length;
        if (length > limits.MaxItemCount || itemCount > limits.MaxItemCount - _itemCount)
            throw new RespProtocolException("a reply has too many values");

        _itemCount += (int)itemCount;
        if (itemCount == 0)
            return type == Attribute ? null : RespValue.OfItems(TypeOf(type), []);

        if (_open.Count >= limits.MaxDepth)
            throw new RespProtocolException("a reply has too many collections within collections");

        _open.Push(new OpenCollection(type, (int)itemCount, new List<RespValue>(Math.Min((int)itemCount, FirstItems))));
        return null;
    }

    /// <summary>Puts a value where it belongs, and closes the collections that are complete with it.</summary>
    /// <returns>Whether the whole reply is there.</returns>
    private bool TryComplete(RespValue item, out RespValue value)
    {
        value = item;
        while (_open.TryPeek(out var collection))
        {
            collection.Items.Add(value);
            if (collection.Items.Count < collection.Count)
                return false;

            _open.Pop();

            // It says something about the value behind it, and is in nobody's count.
            if (collection.Type == Attribute)
                return false;

            value = RespValue.OfItems(TypeOf(collection.Type), [.. collection.Items]);
        }

        return true;
    }

    private static RespType TypeOf(byte type) => type switch
    {
        (byte)'~' => RespType.Set,
        (byte)'>' => RespType.Push,
        (byte)'%' => RespType.Map,
        _ => RespType.Array,
    };

    private void Charge(long bytes)
    {
        _size += bytes;
        if (_size > limits.MaxReplySize)
            throw new RespProtocolException("a reply is too large");
    }

    private readonly record struct OpenCollection(byte Type, int Count, List<RespValue> Items);
}
