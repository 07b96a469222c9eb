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

    // A message that takes long goes before a ping, and what has not left is not answered.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_takes_what_is_sent_slowly_is_not_called_silent_meanwhile(bool canBorrow)
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server, canBorrow: canBorrow);
        network.Refuse();
        var sending = connection.SendAsync(new byte[2_000_000]).AsTask();

        for (var second = 0; second < 290; second++)
        {
            if (canBorrow)
                network.TakeOneByte();
            else if (second % 10 == 0)
                network.TakeOnce();
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(connection.IsOpen);
        network.TakeAll();
        await sending;
        Assert.Equal([2, 9], network.Frames.Select(frame => frame.Opcode));

        // From now on it can answer.
        server.Time.Advance(TimeSpan.FromSeconds(19));
        Assert.True(connection.IsOpen);
        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(connection.IsOpen);
        Assert.Equal(1011, network.Frames[^1].CloseCode);
    }
}
