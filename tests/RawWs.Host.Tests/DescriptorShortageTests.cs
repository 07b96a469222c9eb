using System.Net.Sockets;
using System.Text;
using RawWs.Transport;

namespace RawWs.Host.Tests;

public sealed class DescriptorShortageTests
{
    // The runtime and its assemblies take 115 before the first client; with 160 few are left for any.
    [Theory]
    [InlineData(160, "sockets")]
    [InlineData(256, "sockets")]
    [InlineData(160, "eventloop")]
    [InlineData(256, "eventloop")]
    public async Task Accepting_survives_that_descriptors_run_out_and_goes_on_when_there_are_some_again(int maxDescriptors, string transport)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Descriptors are not limited there.");
        Assert.SkipUnless(transport == "sockets" || EventLoopTransport.IsSupported, "This system has no event loops.");
        await using var rawws = await RawwsProcess.StartLimitedAsync(maxDescriptors, "--port", "0", "--transport", transport);
        using var before = await rawws.ConnectAsync();
        await before.AssertEchoAsync("before", rawws.Deadline);

        // The kernel completes these connections whether or not they are accepted.
        var crowd = new List<Socket>();
        for (var count = 0; count < maxDescriptors + 50; count++)
            crowd.Add(new Socket(SocketType.Stream, ProtocolType.Tcp));

        // Those that there is no descriptor for see an end at once, long before a handshake would have taken too long.
        var ended = await Task.WhenAll(crowd.Select(socket => IsDroppedAsync(socket, rawws)));
        Assert.InRange(ended.Count(isDropped => isDropped), 50, crowd.Count - 1);

        await before.AssertEchoAsync("during", rawws.Deadline);
        crowd.ForEach(socket => socket.Dispose());

        using var after = await ConnectWhenThereIsRoomAsync(rawws);
        await after.AssertEchoAsync("after", rawws.Deadline);
        await before.AssertEchoAsync("still", rawws.Deadline);

        // They would not answer a close frame, and the server would wait for them.
        before.Abort();
        after.Abort();
        await rawws.SignalAsync("TERM");
        var result = await rawws.WaitForEndAsync();
        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Contains("Accepting connections failed (TooManyOpenSockets)", result.Output + result.Errors, StringComparison.Ordinal);
        Assert.Contains("descriptors_short", result.Output + result.Errors, StringComparison.Ordinal);
    }

    /// <returns>Whether it was reset; those that were accepted are told with 408, as every client that asks for nothing.</returns>
    private static async Task<bool> IsDroppedAsync(Socket socket, RawwsProcess rawws)
    {
        try
        {
            await socket.ConnectAsync(rawws.Url.Host, rawws.Url.Port, rawws.Deadline);
            var received = new byte[64];
            var length = await socket.ReceiveAsync(received, rawws.Deadline);
            Assert.StartsWith("HTTP/1.1 408 ", Encoding.ASCII.GetString(received, 0, length), StringComparison.Ordinal);
            return false;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    private static async Task<System.Net.WebSockets.ClientWebSocket> ConnectWhenThereIsRoomAsync(RawwsProcess rawws)
    {
        while (true)
        {
            try
            {
                return await rawws.ConnectAsync();
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                // The server has not seen yet that the crowd has gone.
                rawws.Deadline.ThrowIfCancellationRequested();
            }
        }
    }
}
