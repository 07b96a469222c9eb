using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>
/// What is decided about a connection's closing is also sent under its lock, and there it may turn out that the network is broken. Whatever of the application's is called then may wait for somebody who
/// wants the same lock.
/// </summary>
public sealed class ClosingWhileBrokenTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(0x89)]
    [InlineData(0x8A)]
    public async Task A_handler_of_control_frames_is_called_without_the_lock(byte first)
    {
        var isCut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isLockFree = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            connection.PingReceived = connection.PongReceived = (connection, _) => isLockFree.TrySetResult(CanBeLockedElsewhere(connection));
            await connection.ReceiveAsync();
            await isCut.Task;
            await connection.CloseAsync();
        });
        await using var client = await server.OpenAsync();

        // They come in one piece: while the session works on the first, the second is there, and nobody has read it.
        await client.SendAsync([.. WireFrame.MaskedText("Hello"), .. WireFrame.Masked(first)]);
        client.Abort();
        isCut.SetResult();

        Assert.True(await isLockFree.Task.WaitAsync(2 * LongestWait));
    }

    // Where a read that is waiting goes on when a connection is aborted is its transport's affair: maybe on the thread that aborts it.
    [Fact]
    public async Task A_session_that_reads_goes_on_without_the_lock()
    {
        var isLockFree = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GatedServer.StartAsync(onEnd: connection => isLockFree.TrySetResult(CanBeLockedElsewhere(connection)));
        var (network, connection) = await GatedConnection.OpenAsync(server);

        network.Break();
        _ = connection.CloseAsync();

        Assert.True(await isLockFree.Task.WaitAsync(2 * LongestWait));
    }

    private static bool CanBeLockedElsewhere(WebSocketConnection connection) => Task.Run(() => connection.Closed).Wait(LongestWait);
}
