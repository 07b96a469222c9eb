namespace RawWs.Load;

/// <summary>A member of a room that publishes numbered messages, and listens as the others do.</summary>
internal sealed class Publisher : IDisposable
{
    /// <summary>How many of its own messages it has not heard yet, at most: it is no flood.</summary>
    private const int MaxUnheardCount = 32;

    private static readonly int[] Sizes = [Publication.HeaderLength, 100, 1_000, 125, 126, 4_000, 9_000];
    private static readonly int[] HeavySizes = [60_000, 60_000, Publication.HeaderLength, 60_000];

    private readonly SemaphoreSlim _window = new(MaxUnheardCount);
    private readonly byte[] _payload;
    private readonly byte[] _frame;
    private readonly int[] _sizes;
    private readonly SoakTally _tally;
    private long _publishedCount;

    public Publisher(SoakRoom room, int index, SoakTally tally)
    {
        (Index, _tally, _sizes) = (index, tally, room.IsHeavy ? HeavySizes : Sizes);
        (_payload, _frame) = (new byte[_sizes.Max()], new byte[_sizes.Max() + ClientFrames.MaxHeaderLength]);
        Listener = new RoomListener(room, tally) { Heard = OnHeard };
    }

    public int Index { get; }

    public RoomListener Listener { get; }

    public long PublishedCount => Volatile.Read(ref _publishedCount);

    public async Task PublishAsync(LoadClient client, TimeSpan interval, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(interval);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await _window.WaitAsync(cancellationToken);
                var number = _publishedCount;
                var size = _sizes[(int)(number % _sizes.Length)];
                new Publication(Index, number).WriteTo(_payload);
                var length = ClientFrames.Write(_frame, ClientFrames.Binary, _payload.AsSpan(0, size));

                // Counted before it is sent, and sent to its end: whoever is told to stop has published all that it counted.
                Volatile.Write(ref _publishedCount, number + 1);
                await client.SendAsync(_frame.AsMemory(0, length), CancellationToken.None);
                Interlocked.Increment(ref _tally.Published);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Enough has been said.
        }
        catch (Exception error) when (NetworkFailure.Is(error))
        {
            _tally.Failures.Add($"A publisher could not send: {error.Message}");
        }
    }

    public void Dispose() => _window.Dispose();

    private void OnHeard(Publication heard)
    {
        if (heard.Publisher == Index)
            _window.Release();
    }
}
