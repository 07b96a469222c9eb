using RawWs.Testing;

namespace RawWs.Benchmarks.Baselines;

/// <summary>A server without a network, whose clients only listen: what is measured is what the server does.</summary>
internal sealed class SilentAudience : IAsyncDisposable
{
    private readonly WebSocketServer _server = new(new WebSocketServerOptions
    {
        KeepAliveInterval = Timeout.InfiniteTimeSpan,
        KeepAliveTimeout = Timeout.InfiniteTimeSpan,
        IdleTimeout = Timeout.InfiniteTimeSpan,
    });

    private readonly List<Task> _served = [];
    private readonly List<WebSocketConnection> _members = [];

    private SilentAudience()
        => _server.Map("*", async (connection, cancellationToken) =>
        {
            lock (_members)
                _members.Add(connection);

            Room.Join(connection);
            await foreach (var _ in connection.ReadMessagesAsync(cancellationToken))
            {
            }
        });

    /// <summary>The room that all are in.</summary>
    public Room Room => _server.Rooms["benchmark"];

    /// <summary>All, whatever rooms they are in.</summary>
    public BroadcastTarget Everyone => _server.Everyone;

    /// <summary>One of them.</summary>
    public WebSocketConnection First => _members[0];

    /// <summary>Opens <paramref name="count"/> connections.</summary>
    public static async Task<SilentAudience> OpenAsync(int count)
    {
        var audience = new SilentAudience();
        for (var index = 0; index < count; index++)
            audience._served.Add(audience._server.ServeAsync(await DiscardingConnection.OpenAsync()));

        await Eventually.HoldsAsync(() => audience.Room.Count == count);
        return audience;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _server.StopAsync(now.Token);
        await Task.WhenAll(_served);
        await _server.DisposeAsync();
    }
}
