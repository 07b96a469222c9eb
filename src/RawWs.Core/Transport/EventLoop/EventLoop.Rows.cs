using System.Runtime.InteropServices;

namespace RawWs.Transport;

// The calls that a turn makes in a row, and the memory that it lends to those who receive.
internal sealed partial class EventLoop
{
    /// <summary>How many calls are made in a row, which are no fewer than a turn receives, and the bytes that they may move: more would not stay in the processor's cache until it is looked at.</summary>
    private const int MaxCallsInARow = 64, MaxSizeInARow = 256 * 1024;

    private readonly List<Receiver> _receivers = [];
    private readonly SocketCall[] _calls = new SocketCall[MaxCallsInARow];
    private readonly BufferSegment?[] _lent = new BufferSegment?[MaxCallsInARow];
    private readonly List<Flush> _flushes = [];
    private int _lentCount;
    private int _flushSize;

    private bool IsRowFull => _flushes.Count == MaxCallsInARow || _flushSize >= MaxSizeInARow;

    /// <summary>Receives for somebody whose pending read has been taken, in a row with others. Called for what the system has told in this turn.</summary>
    public void ReceiveLater(EventLoopReader reader) => _receivers.Add(new Receiver(reader));

    /// <summary>Sends for somebody in a row with others. Called at the end of a turn.</summary>
    /// <param name="writer">Who sends.</param>
    /// <param name="bytes">What is sent. It does not change until <see cref="EventLoopWriter.TryEndSend"/>.</param>
    /// <param name="flusher">Who is told of the end.</param>
    public void SendLater(EventLoopWriter writer, ArraySegment<byte> bytes, ITurnWriter.IFlusher flusher)
    {
        _calls[_flushes.Count].Move(bytes);
        _flushes.Add(new Flush(writer, flusher));
        _flushSize += bytes.Count;
    }

    /// <summary>In which piece of the memory that it lends the one has received whose read ends at the moment.</summary>
    public int LentIndex { get; private set; }

    /// <summary>A piece of the memory that is lent until the turn ends.</summary>
    public BufferSegment LentAt(int index) => _lent[index]!; // There is one for each read of the turn.

    /// <summary>Whether that is what the one has received in whose read ends at the moment.</summary>
    public bool IsLent(byte[] array) => _lent[LentIndex]?.Has(array) == true;

    /// <summary>Gives it to the one whose read ends at the moment: it is lent to nobody any more.</summary>
    public BufferSegment TakeLent()
    {
        var lent = LentAt(LentIndex);
        _lent[LentIndex] = null;
        return lent;
    }

    private void ReceiveInRows()
    {
        for (var begun = 0; begun < _receivers.Count;)
            begun += ReceiveInARow(CollectionsMarshal.AsSpan(_receivers)[begun..]);

        _receivers.Clear();
    }

    /// <summary>Receives for the first of them, so many as may be at once, and lets their sessions work.</summary>
    /// <returns>For how many.</returns>
    private int ReceiveInARow(ReadOnlySpan<Receiver> receivers)
    {
        var count = 0;
        for (var size = 0; count < receivers.Length && count < MaxCallsInARow && size < MaxSizeInARow; count++)
        {
            BeginReceive(receivers[count].Reader, ref _calls[count], ref _lent[_lentCount + count]);
            size += _calls[count].Count;
        }

        var calls = _calls.AsSpan(0, count);
        InteropEventLoop.ReceiveInARow(calls);
        for (var index = 0; index < count; index++)
        {
            if (index + FarAhead < count)
                receivers[index + FarAhead].Reader.LoadWaiter();

            if (index + 1 < count)
                receivers[index + 1].Reader.PrepareWaiter();

            LentIndex = _lentCount + index;
            EndReceive(receivers[index].Reader, in calls[index]);
        }

        calls.Clear();
        _lentCount += count;
        return count;
    }

    private void SendInARow()
    {
        var flushes = CollectionsMarshal.AsSpan(_flushes);
        var calls = _calls.AsSpan(0, flushes.Length);
        for (var index = 0; index < calls.Length; index++)
            calls[index].Socket = flushes[index].Writer.SocketOrNone;

        InteropEventLoop.SendInARow(calls);
        for (var index = 0; index < calls.Length; index++)
            EndSend(flushes[index], in calls[index]);

        calls.Clear();
        _flushes.Clear();
        _flushSize = 0;
    }

    private void EndLending() => _lentCount = 0;

    private void ReturnLent()
    {
        foreach (ref var lent in _lent.AsSpan())
        {
            lent?.Return();
            lent = null;
        }
    }

    private void BeginReceive(EventLoopReader reader, ref SocketCall call, ref BufferSegment? lent)
    {
        try
        {
            reader.BeginReceive(ref call, lent ??= _memory.TryRent(SegmentChain.MinSegmentSize)!); // It has any of that size.
        }
        catch (Exception error)
        {
            // There is no memory left: it is as if the socket were closed.
            call.Socket = Descriptor.None;
            _onFailed?.Invoke(error);
        }
    }

    private void EndReceive(EventLoopReader reader, in SocketCall call)
    {
        try
        {
            reader.EndReceive(call);
        }
        catch (Exception error)
        {
            _onFailed?.Invoke(error);
        }
    }

    private void EndSend(in Flush flush, in SocketCall call)
    {
        try
        {
            if (flush.Writer.TryEndSend(call))
                flush.Flusher.OnFlushed();
            else
                flush.Flusher.OnFlushed(flush.Writer.FlushRest(call));
        }
        catch (Exception error)
        {
            _onFailed?.Invoke(error);
        }
    }

    // A list of values stores them without asking for their type.
    private readonly record struct Receiver(EventLoopReader Reader);

    private readonly record struct Flush(EventLoopWriter Writer, ITurnWriter.IFlusher Flusher);
}
