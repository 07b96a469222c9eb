using System.Net.Sockets;

namespace RawWs.Host.Tests;

public sealed class DescriptorShortageTests
{
    private const int MaxDescriptors = 256;

    [Fact]
    public async Task Accepting_survives_that_descriptors_run_out_and_goes_on_when_there_are_some_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Descriptors are not limited there.");
        await using var rawws = await RawwsProcess.StartLimitedAsync(MaxDescriptors, "--port", "0");
        using var before = await rawws.ConnectAsync();
        await before.AssertEchoAsync("before", rawws.Deadline);

        // The kernel completes these connections whether or not they are accepted.
        var crowd = new List<Socket>();
        for (var count = 0; count < MaxDescriptors + 50; count++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(rawws.Url.Host, rawws.Url.Port, rawws.Deadline);
            crowd.Add(socket);
        }

        await before.AssertEchoAsync("during", rawws.Deadline);
        crowd.ForEach(socket => socket.Dispose());

        using var after = await rawws.ConnectAsync();
        await after.AssertEchoAsync("after", rawws.Deadline);
        await before.AssertEchoAsync("still", rawws.Deadline);
        await rawws.SignalAsync("TERM");
        var result = await rawws.WaitForEndAsync();
        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Contains("Accepting connections failed", result.Output + result.Errors, StringComparison.Ordinal);
    }
}
