using System.Net;

namespace RawWs.Load;

/// <summary>A room with members that stay from its first message to its last, and hear all of them.</summary>
internal sealed class SoakRoom : IDisposable
{
    public const int PublisherCount = 2;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20), CatchUpTimeout = TimeSpan.FromSeconds(30);

    private readonly List<LoadClient> _clients = [];
    private readonly List<RoomListener> _listeners = [];
    private readonly List<Task> _listening = [];
    private readonly SoakTally _tally;
    private readonly IPEndPoint _server;
    private readonly int _memberCount;

    /// <param name="server">The server.</param>
    /// <param name="path">The room's.</param>
    /// <param name="memberCount">How many listen, beside the publishers.</param>
    /// <param name="isHeavy">Large messages, and members that now and then stop reading for a while: what waits in the server counts as well.</param>
    /// <param name="tally">What is seen.</param>
    public SoakRoom(IPEndPoint server, string path, int memberCount, bool isHeavy, SoakTally tally)
    {
        (_server, Path, _memberCount, IsHeavy, _tally) = (server, path, memberCount, isHeavy, tally);
        Publishers = [.. Enumerable.Range(0, PublisherCount).Select(index => new Publisher(this, index, tally))];
    }

    public string Path { get; }

    public bool IsHeavy { get; }

    public IReadOnlyList<Publisher> Publishers { get; }

    /// <summary>All join; then the publishers publish until they are told to stop; then everybody hears what there is still to hear, and leaves.</summary>
    /// <param name="joined">Completes when all have joined.</param>
    /// <param name="publishing">Ends the publishing.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public async Task RunAsync(TaskCompletionSource joined, CancellationToken publishing, CancellationToken cancellationToken)
    {
        try
        {
            await JoinAllAsync(cancellationToken);
        }
        finally
        {
            joined.TrySetResult();
        }

        using var listening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _listening.AddRange(_listeners.Select((listener, index) => listener.ListenAsync(_clients[index], listening.Token)));
        await Task.WhenAll(Publishers.Select((publisher, index) => publisher.PublishAsync(_clients[index], Interval, publishing)));

        await CatchUpAsync(cancellationToken);
        await listening.CancelAsync();
        await Task.WhenAll(_listening);
    }

    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        foreach (var publisher in Publishers)
            publisher.Dispose();
    }

    private async Task JoinAllAsync(CancellationToken cancellationToken)
    {
        // The publishers are the first of the members.
        _listeners.AddRange(Publishers.Select(publisher => publisher.Listener));
        _listeners.AddRange(Enumerable.Range(0, _memberCount).Select(_ => new RoomListener(this, _tally) { Pauses = IsHeavy }));
        foreach (var listener in _listeners)
            _clients.Add(await listener.JoinAsync(_server, cancellationToken));
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!_listeners.TrueForAll(listener => listener.IsComplete) && TimeProvider.System.GetElapsedTime(begin) < CatchUpTimeout)
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);

        Interlocked.Add(ref _tally.Lost, _listeners.Sum(listener => listener.MissingCount));
    }
}
