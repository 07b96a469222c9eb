namespace RawWs.Redis.Tests.Servers;

/// <summary>One cluster for all tests of a class that do it no harm.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    internal RedisClusterRig Rig { get; private set; } = null!; // Tests run after the initialization, or are skipped.

    public async ValueTask InitializeAsync()
    {
        // A fixture can't skip; whoever wants it does.
        if (RedisServerProcess.Program is not null)
            Rig = await RedisClusterRig.StartAsync();
    }

    public ValueTask DisposeAsync() => Rig?.DisposeAsync() ?? default;
}
