using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace RawWs.SocketIO.Protocol;

/// <summary>
/// Reads MessagePack: every legal form of what has a counterpart in JSON, bytes, timestamps, and what <c>notepack.io</c> has of its own, extensions of type 0. Nothing is
/// allocated for what is only announced.
/// </summary>
/// <param name="data">What is read.</param>
/// <param name="maxDepth">Arrays and maps inside each other.</param>
/// <param name="replacesHalfSurrogates">Whether strings are made valid UTF-8 that are none, with U+FFFD; otherwise they are no MessagePack.</param>
internal ref partial struct MessagePackReader(ReadOnlySpan<byte> data, int maxDepth, bool replacesHalfSurrogates = false)
{
    private const string Invalid = "invalid MessagePack";

    // Of notepack.io: 1 byte is undefined, 8 bytes are a date in milliseconds, and with a length before it are bytes.
    private const sbyte NotepackType = 0;
    private const sbyte TimestampType = -1;

    private ReadOnlySpan<byte> _rest = data;
    private int _depth;

    /// <summary>Whether everything has been read.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Whether the next value is nil, or undefined.</summary>
    public readonly bool IsNothing => NextCode == 0xC0 || IsExtension(0xD4, 1, NotepackType);

    /// <summary>Whether the next value is a string.</summary>
    public readonly bool IsString => NextCode is >= 0xA0 and <= 0xBF or >= 0xD9 and <= 0xDB;

    /// <summary>Whether the next value is an array.</summary>
    public readonly bool IsArray => NextCode is >= 0x90 and <= 0x9F or 0xDC or 0xDD;

    /// <summary>Whether the next value is a map.</summary>
    public readonly bool IsMap => NextCode is >= 0x80 and <= 0x8F or 0xDE or 0xDF;

    // The first byte of the next value.
    private readonly byte NextCode => _rest.IsEmpty ? throw new PacketException(Invalid) : _rest[0];

    /// <summary>Begins an array.</summary>
    /// <returns>How many items follow: never more than there are bytes.</returns>
    /// <exception cref="PacketException">There is none.</exception>
    public int ReadArrayHeader()
    {
        var code = NextCode;
        var count = code switch
        {
            >= 0x90 and <= 0x9F => Take(1)[0] & 0x0Fu,
            0xDC => BinaryPrimitives.ReadUInt16BigEndian(TakeBehindCode(sizeof(ushort))),
            0xDD => BinaryPrimitives.ReadUInt32BigEndian(TakeBehindCode(sizeof(uint))),
            _ => throw new PacketException(Invalid),
        };
        return count <= _rest.Length ? (int)count : throw new PacketException(Invalid);
    }

    /// <summary>Begins a map.</summary>
    /// <returns>How many keys and values follow: never more than there are bytes for.</returns>
    /// <exception cref="PacketException">There is none.</exception>
    public int ReadMapHeader()
    {
        var code = NextCode;
        var count = code switch
        {
            >= 0x80 and <= 0x8F => Take(1)[0] & 0x0Fu,
            0xDE => BinaryPrimitives.ReadUInt16BigEndian(TakeBehindCode(sizeof(ushort))),
            0xDF => BinaryPrimitives.ReadUInt32BigEndian(TakeBehindCode(sizeof(uint))),
            _ => throw new PacketException(Invalid),
        };
        return count <= _rest.Length / 2 ? (int)count : throw new PacketException(Invalid);
    }

    /// <summary>Reads a string.</summary>
    /// <returns>Valid UTF-8.</returns>
    /// <exception cref="PacketException">There is none.</exception>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        var code = NextCode;
        var length = code switch
        {
            >= 0xA0 and <= 0xBF => Take(1)[0] & 0x1Fu,
            >= 0xD9 and <= 0xDB => ReadLength(code - 0xD9),
            _ => throw new PacketException(Invalid),
        };
        var utf8 = Take(length);
        return Utf8.IsValid(utf8) ? utf8
            : replacesHalfSurrogates ? HalfSurrogates.ReplaceInUtf8(utf8)
            : throw new PacketException(Invalid);
    }

    /// <summary>Reads a string.</summary>
    /// <exception cref="PacketException">There is none.</exception>
    public string ReadString() => Encoding.UTF8.GetString(ReadUtf8());

    /// <summary>Reads a whole number from 0, also one that is written as a float.</summary>
    /// <exception cref="PacketException">There is none.</exception>
    public ulong ReadUnsigned()
    {
        var code = NextCode;
        switch (code)
        {
            case <= 0x7F:
                return Take(1)[0];

            case >= 0xCC and <= 0xCF:
                return ReadUnsigned(code);

            case >= 0xD0 and <= 0xD3 when ReadSigned(code) is >= 0 and var number:
                return (ulong)number;

            // JavaScript has no other number beyond 32 bits; up to 2^53 each whole one is exact.
            case 0xCA or 0xCB when ReadFloat(code) is >= 0 and <= 1L << 53 and var number && double.IsInteger(number):
                return (ulong)number;

            default:
                throw new PacketException(Invalid);
        }
    }

    /// <summary>Reads bytes.</summary>
    /// <exception cref="PacketException">There are none.</exception>
    public ReadOnlySpan<byte> ReadBinary()
    {
        var code = NextCode;
        return code is >= 0xC4 and <= 0xC6 ? Take(ReadLength(code - 0xC4)) : throw new PacketException(Invalid);
    }

    /// <summary>Reads past a value, whatever it is.</summary>
    /// <exception cref="PacketException">It is no MessagePack, or too deep.</exception>
    public void Skip()
    {
        if (IsArray)
        {
            for (var count = EnterArray(); count > 0; count--)
                Skip();

            _depth--;
        }
        else if (IsMap)
        {
            for (var count = 2 * EnterMap(); count > 0; count--)
                Skip();

            _depth--;
        }
        else
        {
            SkipScalar();
        }
    }

    private int EnterArray()
    {
        Enter();
        return ReadArrayHeader();
    }

    private int EnterMap()
    {
        Enter();
        return ReadMapHeader();
    }

    private void Enter()
    {
        if (++_depth > maxDepth)
            throw new PacketException("the packet is too deep");
    }

    private void SkipScalar()
    {
        var code = NextCode;
        var length = code switch
        {
            >= 0xC4 and <= 0xC6 => ReadLength(code - 0xC4),
            >= 0xC7 and <= 0xC9 => ReadLength(code - 0xC7) + 1,
            >= 0xD9 and <= 0xDB => ReadLength(code - 0xD9),
            >= 0xA0 and <= 0xBF => 1u + (code & 0x1Fu),
            0xCC or 0xD0 => 2u,
            0xCD or 0xD1 => 3u,
            0xCA or 0xCE or 0xD2 => 5u,
            0xCB or 0xCF or 0xD3 => 9u,
            >= 0xD4 and <= 0xD8 => 2u + (1u << (code - 0xD4)),
            0xC1 => throw new PacketException(Invalid),
            _ => 1u,
        };
        Take(length);
    }

    // Between the code and the type there may be 1, 2 or 4 bytes of length.
    private readonly bool IsExtension(byte code, int typePosition, sbyte type) => NextCode == code && _rest.Length > typePosition && (sbyte)_rest[typePosition] == type;

    private ulong ReadUnsigned(byte code) => code switch
    {
        0xCC => TakeBehindCode(sizeof(byte))[0],
        0xCD => BinaryPrimitives.ReadUInt16BigEndian(TakeBehindCode(sizeof(ushort))),
        0xCE => BinaryPrimitives.ReadUInt32BigEndian(TakeBehindCode(sizeof(uint))),
        _ => BinaryPrimitives.ReadUInt64BigEndian(TakeBehindCode(sizeof(ulong))),
    };

    private long ReadSigned(byte code) => code switch
    {
        0xD0 => (sbyte)TakeBehindCode(sizeof(sbyte))[0],
        0xD1 => BinaryPrimitives.ReadInt16BigEndian(TakeBehindCode(sizeof(short))),
        0xD2 => BinaryPrimitives.ReadInt32BigEndian(TakeBehindCode(sizeof(int))),
        _ => BinaryPrimitives.ReadInt64BigEndian(TakeBehindCode(sizeof(long))),
    };

    private double ReadFloat(byte code)
        => code == 0xCA ? BinaryPrimitives.ReadSingleBigEndian(TakeBehindCode(sizeof(float))) : BinaryPrimitives.ReadDoubleBigEndian(TakeBehindCode(sizeof(double)));

    // Behind a code there are 1, 2 or 4 bytes of length: its form 0, 1 or 2.
    private uint ReadLength(int form) => form switch
    {
        0 => TakeBehindCode(sizeof(byte))[0],
        1 => BinaryPrimitives.ReadUInt16BigEndian(TakeBehindCode(sizeof(ushort))),
        _ => BinaryPrimitives.ReadUInt32BigEndian(TakeBehindCode(sizeof(uint))),
    };

    private ReadOnlySpan<byte> TakeBehindCode(uint length) => Take(1 + length)[1..];

    private ReadOnlySpan<byte> Take(uint length)
    {
        if (length > _rest.Length)
            throw new PacketException(Invalid);

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
