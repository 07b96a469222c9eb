namespace RawWs.Conformance.Tests;

/// <summary>The cases of slow peers, against a server that loses its patience soon: each of them must end there, and not by the client's.</summary>
public sealed class SlowPeerTests
{
    [Fact]
    public async Task Server_does_not_wait_for_ever_for_anything()
    {
        await using var server = await EchoServer.StartAsync(CompressionMode.Shared, options =>
        {
            options.HandshakeTimeout = TimeSpan.FromSeconds(1.5);
            options.MessageTimeout = TimeSpan.FromSeconds(1.5);
            options.CloseTimeout = TimeSpan.FromSeconds(1);
        });
        var results = await Verdicts.RequireAsync(
            new ConformanceOptions
            {
                Target = server.Target,
                Only = ["slow"],
                MaxMessageSize = EchoServer.MaxMessageSize,
                Parallelism = 64,
                SlowTimeout = TimeSpan.FromSeconds(30),
                Timeout = TimeSpan.FromSeconds(60),
            },
            []);

        Assert.Empty(results.Where(result => result.Detail.Contains("still open", StringComparison.Ordinal)).Select(result => result.Id));
    }
}
