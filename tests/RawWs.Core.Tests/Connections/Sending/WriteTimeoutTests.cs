namespace RawWs.Tests.Connections;

/// <summary>How long a peer may take nothing of what is sent.</summary>
public sealed class WriteTimeoutTests
{
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Ticks = TimeSpan.FromMilliseconds(400);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 100_000)]
    [InlineData(100_000, 1)]
    [InlineData(100_000, 100_000)]
    public async Task A_peer_that_takes_nothing_is_dropped_after_the_timeout_and_not_before_whatever_it_took_earlier(int earlier, int length)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server, canBorrow: true);
        await connection.SendAsync(new byte[earlier]);
        network.Refuse();
        var sending = connection.SendAsync(new byte[length]).AsTask();

        server.Time.Advance(WriteTimeout);
        Assert.False(network.IsAborted);

        server.Time.Advance(Ticks);
        Assert.True(network.IsAborted);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => sending);
    }

    [Fact]
    public async Task A_peer_that_takes_a_little_is_dropped_only_when_it_takes_no_more()
    {
        await using var server = await GatedServer.StartAsync(options => options.KeepAliveInterval = options.IdleTimeout = Timeout.InfiniteTimeSpan);
        var (network, connection) = await GatedConnection.OpenAsync(server, canBorrow: true);
        network.Refuse();
        var sending = connection.SendAsync(new byte[1000]).AsTask();

        for (var second = 0; second < 300; second++)
        {
            network.TakeOneByte();
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(network.IsAborted);
        server.Time.Advance(2 * (WriteTimeout + Ticks));
        Assert.True(network.IsAborted);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => sending);
    }
}
