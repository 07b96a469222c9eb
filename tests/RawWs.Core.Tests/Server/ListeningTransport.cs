using System.Net;
using RawWs.Transport;

namespace RawWs.Tests.Server;

/// <summary>Listens everywhere, and nobody ever comes.</summary>
internal sealed class ListeningTransport : ITransport
{
    public List<Listener> Listeners { get; } = [];

    /// <summary>Called with how many there are; what it throws, listening throws.</summary>
    public Action<int>? OnListen { get; set; }

    /// <summary>What disposing a listener throws.</summary>
    public Exception? Failure { get; init; }

    public ITransportListener Listen(EndPoint endPoint)
    {
        Listeners.Add(new Listener(endPoint, Failure));
        OnListen?.Invoke(Listeners.Count);
        return Listeners[^1];
    }

    public sealed class Listener(EndPoint endPoint, Exception? failure) : ITransportListener
    {
        private readonly TaskCompletionSource<TransportConnection?> _disposed = new();

        public bool IsDisposed => _disposed.Task.IsCompleted;

        public EndPoint EndPoint => endPoint;

        public ValueTask<TransportConnection?> AcceptAsync() => new(_disposed.Task);

        public ValueTask DisposeAsync() => _disposed.TrySetResult(null) && failure is not null ? ValueTask.FromException(failure) : default;
    }
}
