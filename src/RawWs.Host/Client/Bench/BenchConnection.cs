using System.Collections.Concurrent;
using System.Net.WebSockets;

namespace RawWs.Host;

/// <summary>A connection that sends messages, each when it is told to, and checks that they come back in their order.</summary>
/// <param name="number">Its place among all.</param>
/// <param name="connection">Open, and this one's own.</param>
/// <param name="bench">What it belongs to.</param>
internal sealed class BenchConnection(int number, ClientConnection connection, Bench bench) : IDisposable
{
    private const int MaxPieceSize = 64 * 1024;

    private readonly WebSocketMessageType _type = bench.Options.IsBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // When each message that is under way was due, in the order in which they leave.
    private readonly ConcurrentQueue<long> _due = new();

    // How many are to be sent; whoever makes it 1 sends until it is 0 again.
    private long _unsentCount;
    private long _sentCount;
    private long _answeredCount;

    // One more than are under way, until nothing is sent any more.
    private long _outstandingCount = 1;
    private bool _isStopped;
    private bool _isClosing;

    /// <summary>Completes when everything has come back, behind <see cref="Stop"/>.</summary>
    public Task Drained => _drained.Task;

    /// <summary>How many messages have come back, measured or not.</summary>
    public long AnsweredCount => Volatile.Read(ref _answeredCount);

    /// <summary>Sends the next message, or lets whoever is sending send it. From any thread; by this connection itself, or before <see cref="Stop"/>.</summary>
    /// <param name="due">Since when it should have been on its way.</param>
    public void Send(long due)
    {
        bench.CountSent(due);
        _due.Enqueue(due);
        Interlocked.Increment(ref _outstandingCount);
        if (Interlocked.Increment(ref _unsentCount) == 1)
            _ = SendUnsentAsync();
    }

    /// <summary>Nothing is sent any more, but what has been told to be.</summary>
    public void Stop()
    {
        if (!Interlocked.Exchange(ref _isStopped, true))
            CountDown();
    }

    /// <summary>Receives until the connection ends. Failures are told to the bench.</summary>
    public async Task ReceiveAsync()
    {
        var piece = new byte[Math.Min(bench.Payloads.Size, MaxPieceSize)];
        var length = 0;
        try
        {
            while (await connection.ReceiveAsync(piece) is { MessageType: not WebSocketMessageType.Close } received)
            {
                Check(piece.AsSpan(0, received.Count), received.MessageType, length, received.EndOfMessage);
                length = received.EndOfMessage ? 0 : length + received.Count;
                if (received.EndOfMessage)
                    OnAnswer();
            }

            if (!Volatile.Read(ref _isClosing))
                bench.Fail($"The server closed a connection with {connection.CloseDescription}");
        }
        catch (ClientFailureException failure)
        {
            bench.Fail(failure.Message);
        }
    }

    /// <summary>Begins to close; whoever receives sees the end.</summary>
    public ValueTask BeginCloseAsync()
    {
        Volatile.Write(ref _isClosing, true);
        return connection.BeginCloseAsync(WebSocketCloseStatus.NormalClosure);
    }

    public void Dispose() => connection.Dispose();

    private async Task SendUnsentAsync()
    {
        try
        {
            do
                await connection.SendAsync(bench.Payloads.Of(_sentCount++), _type);
            while (Interlocked.Decrement(ref _unsentCount) > 0);
        }
        catch (ClientFailureException failure)
        {
            bench.Fail(failure.Message);
        }
    }

    private void Check(ReadOnlySpan<byte> piece, WebSocketMessageType type, int offset, bool isLast)
    {
        var expected = bench.Payloads.Of(_answeredCount).Span[offset..];
        if (type != _type || piece.Length > expected.Length || !piece.SequenceEqual(expected[..piece.Length]) || (isLast && piece.Length < expected.Length))
            throw new ClientFailureException("The server sent something else than the message that it had been sent: bench needs an endpoint that echoes, such as /echo of rawws.");
        if (_due.IsEmpty)
            throw new ClientFailureException("The server sent a message that it had not been sent: bench needs an endpoint that echoes, such as /echo of rawws.");
    }

    private void OnAnswer()
    {
        // It has been checked that there is one, and nobody else takes any.
        _due.TryDequeue(out var due);
        Volatile.Write(ref _answeredCount, _answeredCount + 1);
        var now = BenchTime.Now;
        if (bench.CountReceived(number, due, now) && !Volatile.Read(ref _isStopped))
            Send(now);

        CountDown();
    }

    private void CountDown()
    {
        if (Interlocked.Decrement(ref _outstandingCount) == 0)
            _drained.TrySetResult();
    }
}
