using System.Threading.Channels;

namespace RawWs.Redis.SocketIO;

/// <summary>
/// Calls handlers of the application, which may block, on a thread that nothing else depends on: in the order of the events, and without waiting for their tasks.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class HandlerQueue : IDisposable
{
    // Of other servers, until the application has looked at it.
    private const int MaxWaitingEvents = 10_000;

    private readonly Channel<Action> _calls = Channel.CreateBounded<Action>(new BoundedChannelOptions(MaxWaitingEvents) { SingleReader = true });

    /// <summary>Begins to call.</summary>
    public void Start() => _ = Task.Run(CallAsync);

    /// <summary>Has something called.</summary>
    /// <returns>False if too much waits already.</returns>
    public bool TryPost(Action call) => _calls.Writer.TryWrite(call);

    /// <summary>What has been posted is still called.</summary>
    public void Dispose() => _calls.Writer.TryComplete();

    private async Task CallAsync()
    {
        await foreach (var call in _calls.Reader.ReadAllAsync().ConfigureAwait(false))
            call();
    }
}
