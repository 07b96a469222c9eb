namespace RawWs.Samples.Tests;

public sealed class SingleThreadedContextTests
{
    [Fact]
    public async Task A_window_starts_uses_and_stops_a_server_which_posts_nothing_to_it()
    {
        await using var window = await SampleProcess.StartAsync("SingleThreadedContext");
        using var client = await window.ConnectAsync();

        await window.SendTextAsync(client, "milk");
        Assert.Equal("1: milk", await window.ReadTextAsync(client));
        await window.SendTextAsync(client, "stop");
        var received = await client.ReceiveAsync(new byte[128], window.Deadline);
        Assert.Equal(System.Net.WebSockets.WebSocketMessageType.Close, received.MessageType);
        await client.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, window.Deadline);

        var (exitCode, output) = await window.WaitForExitAsync();
        Assert.Equal(0, exitCode);
        Assert.Equal("2 notes, 0 other posts", output.TrimEnd());
    }
}
