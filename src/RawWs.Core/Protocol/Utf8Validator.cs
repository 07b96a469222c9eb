using System.Buffers;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace RawWs.Protocol;

/// <summary>
/// Validates text as UTF-8 (RFC 3629) in whatever pieces it comes, and fails with the piece that holds the first byte that can't be
/// valid, even where the character is not complete: E0 80 has no valid continuation, nor has F4 90.
/// </summary>
internal struct Utf8Validator
{
    /// <summary>How many bytes are unmasked before they are looked at again: a fraction of any first-level cache.</summary>
    private const int BlockSize = 4096;

    // The rest of a character that the previous piece cut: how many bytes it still needs, and what the next of them may be.
    private byte _missing, _lowest, _highest;

    /// <summary>Whether the text could end here: no character is incomplete.</summary>
    public readonly bool IsAtBoundary => _missing == 0;

    /// <summary>Validates the next piece.</summary>
    /// <returns><see langword="false"/> if no continuation of the text so far could be valid.</returns>
    public bool TryAppend(ReadOnlySpan<byte> piece)
    {
        if (piece.Length < Utf8Vectors.MinLength || !Vector128.IsHardwareAccelerated)
            return TryAppendShort(piece);

        if (_missing == 0 && Ascii.IsValid(piece))
            return true;

        if (!TryAppendScalar(piece[..Utf8Vectors.Before]) || !Utf8Vectors.IsValid(piece))
            return false;

        // Vectors find what contradicts what is before it. Of a character that is cut at the end they say neither whether there is one, nor whether
        // its first byte may be one, if it is the last.
        _missing = 0;
        return TryAppendScalar(piece[^LengthOfCutCharacter(piece)..]);
    }

    /// <summary>Unmasks the next piece in place, and validates it while it is at hand.</summary>
    /// <param name="piece">Masked; afterwards unmasked, if it is valid.</param>
    /// <param name="maskingKey">The key, turned to where the piece begins, and then to the piece that follows.</param>
    /// <inheritdoc cref="TryAppend(ReadOnlySpan{byte})" path="/returns"/>
    public bool TryUnmask(Span<byte> piece, ref uint maskingKey)
    {
        // What is not ASCII is gone through once more, but in the first-level cache.
        while (piece.Length > BlockSize)
        {
            if (!TryUnmaskBlock(piece[..BlockSize], ref maskingKey))
                return false;

            piece = piece[BlockSize..];
        }

        return TryUnmaskBlock(piece, ref maskingKey);
    }

    /// <summary>Unmasks and validates a piece that lies in a transport's receive buffer.</summary>
    /// <inheritdoc cref="TryUnmask(Span{byte}, ref uint)" path="/param|/returns"/>
    public bool TryUnmask(in ReadOnlySequence<byte> piece, ref uint maskingKey)
    {
        if (piece.IsSingleSegment)
            return TryUnmask(Masking.Writable(piece.FirstSpan), ref maskingKey);

        foreach (var segment in piece)
        {
            if (!TryUnmask(Masking.Writable(segment.Span), ref maskingKey))
                return false;
        }

        return true;
    }

    /// <summary>The definition, byte by byte: the ends of <see cref="TryAppend"/>, and what tests hold it against.</summary>
    public bool TryAppendScalar(ReadOnlySpan<byte> piece)
    {
        foreach (var octet in piece)
        {
            if (!TryStep(octet))
                return false;
        }

        return true;
    }

    private bool TryUnmaskBlock(Span<byte> block, ref uint maskingKey)
        => (Masking.ApplyToText(block, ref maskingKey) && _missing == 0) || TryAppend(block);

    private bool TryAppendShort(ReadOnlySpan<byte> piece)
    {
        var rest = piece;
        while (_missing > 0)
        {
            if (rest.IsEmpty)
                return true;

            if (!TryStep(rest[0]))
                return false;

            rest = rest[1..];
        }

        // The runtime wants whole characters.
        var tailLength = LengthOfCutCharacter(rest);
        return Utf8.IsValid(rest[..^tailLength]) && TryAppendScalar(rest[^tailLength..]);
    }

    private bool TryStep(byte octet)
    {
        if (_missing == 0)
            return octet <= 0x7F || TryBegin(octet);

        if (octet < _lowest || octet > _highest)
            return false;

        (_missing, _lowest, _highest) = ((byte)(_missing - 1), 0x80, 0xBF);
        return true;
    }

    // What is not ASCII. RFC 3629 §4, the grammar of UTF8-octets: E0 excludes overlong forms, ED surrogates, F0 overlong forms, F4 what is above U+10FFFF.
    private bool TryBegin(byte octet)
    {
        var (missing, lowest, highest) = octet switch
        {
            >= 0xC2 and <= 0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            >= 0xE1 and <= 0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            >= 0xF1 and <= 0xF3 => (3, 0x80, 0xBF),
            _ => (0, 0xFF, 0x00),
        };

        (_missing, _lowest, _highest) = ((byte)missing, (byte)lowest, (byte)highest);
        return _lowest <= _highest;
    }

    /// <summary>How many of the last bytes belong to a character whose last byte is yet to come.</summary>
    private static int LengthOfCutCharacter(ReadOnlySpan<byte> piece)
    {
        for (var length = 1; length <= Math.Min(3, piece.Length); length++)
        {
            var octet = piece[^length];
            if (octet < 0x80)
                return 0;

            if (octet >= 0xC0)
            {
                var needed = octet switch { >= 0xF0 => 4, >= 0xE0 => 3, _ => 2 };
                return needed > length ? length : 0;
            }
        }

        return 0;
    }
}
