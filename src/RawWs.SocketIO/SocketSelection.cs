using System.Buffers;

namespace RawWs.SocketIO;

/// <summary>Some sockets as they were at one moment. To be disposed.</summary>
internal readonly ref struct SocketSelection
{
    private readonly SocketIOSocket[] _sockets;
    private readonly bool _isRented;

    /// <summary>All sockets of an array that nobody changes.</summary>
    public SocketSelection(SocketIOSocket[] snapshot) => (_sockets, Count) = (snapshot, snapshot.Length);

    /// <summary>The first sockets of an array from the shared pool, which goes back there.</summary>
    public SocketSelection(SocketIOSocket[] rented, int count) => (_sockets, Count, _isRented) = (rented, count, true);

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>Each once.</summary>
    public ReadOnlySpan<SocketIOSocket> Sockets => _sockets.AsSpan(0, Count);

    /// <summary>Gives back what was borrowed.</summary>
    public void Dispose()
    {
        if (!_isRented)
            return;

        // The pool must keep no socket alive.
        _sockets.AsSpan(0, Count).Clear();
        ArrayPool<SocketIOSocket>.Shared.Return(_sockets);
    }
}
