using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Connections;

/// <summary>
/// What a connection receives with: what a read has brought, and the assembler that takes messages out of it. Between two messages it holds nothing that the
/// next one needs, so it is borrowed while there is something to take, and a connection that waits has none.
/// </summary>
/// <remarks>Belongs to whoever reads the connection. Mostly it comes back on the thread that took it, warm for the next connection.</remarks>
internal sealed class ReceiveState
{
    /// <summary>How many are kept beside the one of each thread, for sessions that go on elsewhere than where their bytes come in.</summary>
    private const int MaxSpareCount = 64;

    private static readonly Lock Gate = new();
    private static readonly Stack<ReceiveState> Spares = [];
    private static int _spareCount;

    [ThreadStatic]
    private static ReceiveState? _spareOfThread;

    private ReadOnlySequence<byte> _buffer;
    private UnreadBytes _unread;
    private Received _received;

    private ReceiveState()
    {
    }

    /// <summary>Takes messages and control frames out of <see cref="Unread"/>.</summary>
    public MessageAssembler Assembler { get; } = new();

    /// <summary>What the last read returned.</summary>
    public ref ReadOnlySequence<byte> Buffer => ref _buffer;

    /// <summary>The part of <see cref="Buffer"/> that has not been parsed.</summary>
    public ref UnreadBytes Unread => ref _unread;

    /// <summary>What the session has been given last. Only its own reading sets it: the background reader may run before the session has looked at it.</summary>
    public ref Received Received => ref _received;

    /// <summary>Borrows one.</summary>
    public static ReceiveState Take(MessageLimits limits, IPayloadDecoder? decoder, IReceiveObserver observer)
    {
        var state = _spareOfThread ?? TakeSpare() ?? new ReceiveState();
        _spareOfThread = null;
        state.Assembler.Begin(limits, decoder, observer);
        return state;
    }

    /// <summary>Gives it back. It stands between two messages, and none that it has delivered is held.</summary>
    public void Return()
    {
        (_buffer, _unread, _received) = (default, default, default);
        Assembler.End();
        if (_spareOfThread is null)
        {
            _spareOfThread = this;
            return;
        }

        lock (Gate)
        {
            if (_spareCount == MaxSpareCount)
                return;

            Spares.Push(this);
            _spareCount++;
        }
    }

    private static ReceiveState? TakeSpare()
    {
        if (Volatile.Read(ref _spareCount) == 0)
            return null;

        lock (Gate)
        {
            if (!Spares.TryPop(out var state))
                return null;

            _spareCount--;
            return state;
        }
    }
}
