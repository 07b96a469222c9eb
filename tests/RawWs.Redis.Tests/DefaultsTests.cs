namespace RawWs.Redis.Tests;

/// <summary>What is done where nothing else is said: whoever relies on it has read it in the documentation.</summary>
public sealed class DefaultsTests
{
    [Fact]
    public void Those_of_clients_are_those_that_are_documented()
    {
        var options = new RedisOptions();

        Assert.Equal(("localhost", 6_379, 0, "rawws"), (options.Host, options.Port, options.Database, options.ClientName));
        Assert.Equal((5, 5, 5), (options.ConnectTimeout.TotalSeconds, options.CommandTimeout.TotalSeconds, options.KeepAliveInterval.TotalSeconds));
        Assert.Equal((0.1, 5), (options.MinReconnectDelay.TotalSeconds, options.MaxReconnectDelay.TotalSeconds));
        Assert.Equal((131_072, 64 << 20, 64 << 20), (options.MaxPendingCount, options.MaxPendingSize, options.MaxReplySize));
        Assert.Equal((false, true), (options.UseTls, options.PreferResp3));
    }

    [Fact]
    public void Those_of_rooms_are_those_that_are_documented()
    {
        var options = new RedisBackplaneOptions();

        Assert.Equal((10_000, 10_000, 16 << 20, 8 << 20), (options.MaxStreamLength, options.MaxOutboxCount, options.MaxOutboxSize, options.MaxPublicationSize));
        Assert.Equal((2, 2, 1), (options.PollInterval.TotalSeconds, options.HeartbeatInterval.TotalSeconds, options.CountTimeout.TotalSeconds));
        Assert.Equal(100_000, options.MaxPresenceCount);
    }

    [Fact]
    public void Those_of_streams_of_Socket_IO_are_those_that_are_documented()
    {
        var options = new RedisStreamsAdapterOptions();

        Assert.Equal(("socket.io", 1, "socket.io", "sio:session:"), (options.StreamName, options.StreamCount, options.ChannelPrefix, options.SessionKeyPrefix));
        Assert.Equal((10_000, 100, 131_072, 64 << 20), (options.MaxStreamLength, options.ReadCount, options.MaxOutboxCount, options.MaxOutboxSize));
        Assert.Equal((5, 5, false), (options.BlockTime.TotalSeconds, options.RequestTimeout.TotalSeconds, options.UseShardedChannels));
    }
}
