using System.Net.WebSockets;

namespace RawWs.Samples.Tests;

public sealed class HostedChatTests
{
    private const string AnyPort = "--RawWs:EndPoints:0=127.0.0.1:0";

    [Fact]
    public async Task What_one_says_passes_the_moderator_and_reaches_the_other()
    {
        await using var chat = await SampleProcess.StartAsync("HostedChat", AnyPort);
        using var ada = await chat.ConnectAsync();
        using var ben = await chat.ConnectAsync();

        // Who has said something has joined.
        await chat.SendTextAsync(ben, "hello");
        Assert.Equal("hello", await chat.ReadTextAsync(ben));
        await chat.SendTextAsync(ada, "darn it");

        Assert.Equal("**** it", await chat.ReadTextAsync(ben));
    }

    [Fact]
    public async Task A_host_that_is_asked_to_stop_says_so_to_everybody_and_ends()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send this signal to one process.");
        await using var chat = await SampleProcess.StartAsync("HostedChat", AnyPort);
        using var ada = await chat.ConnectAsync();
        await chat.SendTextAsync(ada, "hello");
        Assert.Equal("hello", await chat.ReadTextAsync(ada));

        await chat.TerminateAsync();

        var received = await ada.ReceiveAsync(new byte[128], chat.Deadline);
        Assert.Equal((WebSocketMessageType.Close, (WebSocketCloseStatus)1012), (received.MessageType, received.CloseStatus));
        await ada.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, chat.Deadline);
        var (exitCode, output) = await chat.WaitForExitAsync();
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("fail:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_ends_it_before_it_listens()
    {
        var (exitCode, output) = await SampleProcess.RunAsync("HostedChat", "--RawWs:MaxConections=5");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("RawWs:MaxConections: there is no such option.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("ws://", output, StringComparison.Ordinal);
    }
}
