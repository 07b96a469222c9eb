using System.Buffers;

namespace RawWs.Protocol;

/// <summary>
/// Collects the payload of a fragmented message in one rented array. What it retains follows the bytes received, whatever the
/// number of pieces that they come in.
/// </summary>
internal sealed class PayloadBuffer
{
    private const int SmallestRental = 256;

    private byte[] _rented = [];
    private int _length;

    /// <summary>The bytes collected so far; valid until the next <see cref="Append"/> or <see cref="Return"/>.</summary>
    public ReadOnlySequence<byte> Bytes => new(_rented, 0, _length);

    /// <summary>Copies <paramref name="piece"/> behind what is there.</summary>
    public void Append(in ReadOnlySequence<byte> piece)
    {
        var newLength = checked(_length + (int)piece.Length);
        if (newLength > _rented.Length)
            Grow(newLength);

        piece.CopyTo(_rented.AsSpan(_length));
        _length = newLength;
    }

    /// <summary>How many bytes of memory it holds.</summary>
    public int Capacity => _rented.Length;

    /// <summary>How many bytes have been collected.</summary>
    public int Length => _length;

    /// <summary>Room behind what is there, to be filled and then told to <see cref="Fill"/>. Not empty unless <paramref name="maxLength"/> is reached.</summary>
    /// <param name="maxLength">How many bytes may be collected in all.</param>
    /// <param name="wanted">How many bytes the first room should have.</param>
    public Span<byte> GetRoom(int maxLength, int wanted)
    {
        if (_length == _rented.Length && _length < maxLength)
            Grow(_length == 0 ? Math.Min(maxLength, wanted) : _length + 1);

        return _rented.AsSpan(_length, Math.Min(_rented.Length, maxLength) - _length);
    }

    /// <summary>Says that <paramref name="count"/> bytes of the room have been filled.</summary>
    public void Fill(int count) => _length += count;

    /// <summary>Empties the buffer and gives its memory back.</summary>
    public void Return()
    {
        _length = 0;
        if (_rented.Length == 0)
            return;

        ArrayPool<byte>.Shared.Return(_rented);
        _rented = [];
    }

    // Doubles, so that the copying stays linear in the length of the message.
    private void Grow(int needed)
    {
        var doubled = (int)Math.Min(Array.MaxLength, 2L * _rented.Length);
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(needed, doubled), SmallestRental));
        _rented.AsSpan(0, _length).CopyTo(larger);

        if (_rented.Length > 0)
            ArrayPool<byte>.Shared.Return(_rented);

        _rented = larger;
    }
}
