using RawWs.Testing;

namespace RawWs.Tests.Connections;

[Collection(AloneCollection.Name)]
public sealed class DrainingMemoryTests
{
    // A reader in the background was keeping the session's last message in place when the session ended.
    [Fact]
    public async Task What_a_peer_sends_after_the_closing_handshake_is_not_kept()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(async (connection, token) =>
        {
            await connection.ReceiveAsync();
            _ = connection.PingAsync().ContinueWith(task => task.Exception, TaskScheduler.Default);
            await release.Task;
        });
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("held"));
        Assert.Equal(0x9, (await client.ReadFrameAsync()).Opcode);
        var piece = new byte[64 * 1024];
        var before = LiveMemory.Measure();

        release.SetResult();
        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedClose(1000));
        Assert.True(await client.IsAtEndAsync());
        for (var number = 0; number < 1024; number++)
            await client.SendAsync(piece);

        await client.WaitUntilServerWaitsAsync();
        Assert.InRange(LiveMemory.Measure() - before, long.MinValue, 16 * 1024 * 1024);
        client.EndSending();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }
}
