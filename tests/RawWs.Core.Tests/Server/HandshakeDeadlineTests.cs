using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class HandshakeDeadlineTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("")]
    [InlineData("GET /ec")]
    [InlineData(WireClient.Handshake)]
    public async Task A_client_that_does_not_finish_gets_408_and_is_dropped_if_it_does_not_go(string beginning)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();
        await client.SendAsync(beginning);
        await client.WaitUntilServerWaitsAsync();

        server.Time.Advance(9 * Second);
        var response = client.ReadToEndAsync();
        Assert.False(response.IsCompleted);
        server.Time.Advance(2 * Second);

        Assert.StartsWith("HTTP/1.1 408 ", Encoding.ASCII.GetString(await response), StringComparison.Ordinal);
        Assert.Equal(1, server.Server.ConnectionCount);
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(6 * Second);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task The_deadline_counts_from_the_acceptance_however_busily_a_client_dribbles()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();
        await client.SendAsync("GET /echo HTTP/1.1\r\n");
        await client.WaitUntilServerWaitsAsync();

        for (var second = 0; second < 10; second++)
        {
            await client.SendAsync($"X-{second}: y\r\n");
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(Second);
        }

        server.Time.Advance(Second);
        Assert.StartsWith("HTTP/1.1 408 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_connection_has_no_handshake_deadline_any_more()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.KeepAliveInterval = options.IdleTimeout = Timeout.InfiniteTimeSpan);
        await using var client = await server.OpenAsync();

        server.Time.Advance(TimeSpan.FromHours(1));

        await client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_refused_client_that_goes_on_sending_is_dropped_in_the_end()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();
        await client.SendAsync("GET / HTTP/0.9\r\n");
        Assert.StartsWith("HTTP/1.1 505 ", Encoding.ASCII.GetString(await client.ReadToEndAsync()), StringComparison.Ordinal);

        var isDropped = false;
        for (var count = 0; count < 100 && !isDropped; count++)
        {
            isDropped = await Record.ExceptionAsync(() => client.SendAsync(new byte[1000])) is IOException;
            server.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.True(isDropped);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_client_that_does_not_take_its_refusal_is_dropped()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect(capacity: 10);
        await client.SendAsync("GET / HTTP/0.9\r\n");

        var gone = Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        await Eventually.CompletesAsync(server.Time, gone);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_before_its_handshake_is_whole_leaves_nothing(bool isReset)
    {
        await using var server = await TestServer.StartAsync();
        var wire = Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n");

        for (var length = 0; length < wire.Length; length++)
        {
            await using var client = server.Connect();
            await client.SendAsync(wire[..length]);
            if (isReset)
                client.Abort();
            else
                client.EndSending();
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }
}
