using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace RawWs.Host.Tests;

public sealed class SocketActivationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-");

    public SocketActivationTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no descriptors.");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("sockets", false)]
    [InlineData("sockets", true)]
    [InlineData("eventloop", false)]
    [InlineData("eventloop", true)]
    public async Task A_socket_that_is_handed_over_is_served_and_outlives_the_server(string transport, bool isUnix)
    {
        Assert.SkipWhen(transport == "eventloop" && !RawWs.Transport.EventLoopTransport.IsSupported, "This system has no event loops.");
        EndPoint place = isUnix ? new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, "socket")) : new IPEndPoint(IPAddress.Loopback, 0);
        using var socket = InheritableSocket.Listen(place);

        await ServeAsync(socket, transport, clientsBefore: 0);

        // While nobody serves it, clients wait.
        await ServeAsync(socket, transport, clientsBefore: 2);
    }

    [Fact]
    public async Task What_was_asked_for_otherwise_is_not_listened_on()
    {
        using var socket = InheritableSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0));

        await using var rawws = await RawwsProcess.StartInheritingAsync(socket.Descriptor, "--host", "192.0.2.1", "--unix", Path.Combine(_folder.FullName, "other"));

        Assert.Contains($" listens on ws://127.0.0.1:{((IPEndPoint)socket.EndPoint).Port}/echo (", rawws.Greeting[0], StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public async Task A_socket_that_does_not_listen_is_told_in_one_line()
    {
        using var socket = InheritableSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var result = await RawwsProcess.RunInheritingAsync(socket.Descriptor);

        result.AssertFailed(ExitCode.Failure, "Cannot listen on descriptor 3: it is no stream socket that listens; whoever starts this program has to hand over one that does.");
    }

    [Theory]
    [InlineData("7", "2", 2)]
    [InlineData("7", "1", 1)]
    [InlineData("8", "2", 0)]
    [InlineData("7", "0", 0)]
    [InlineData("7", "1024", 1024)]
    [InlineData("7", "1025", 0)]
    [InlineData("7", null, 0)]
    [InlineData("7", "-1", 0)]
    [InlineData("7", "2147483647", 0)]
    [InlineData(null, "2", 0)]
    [InlineData("", "2", 0)]
    public void Only_what_is_meant_for_this_process_is_taken(string? process, string? count, int expected)
        => Assert.Equal(Enumerable.Range(3, expected), ActivationSockets.Find(name => name == "LISTEN_PID" ? process : name == "LISTEN_FDS" ? count : null, processId: 7));

    private async Task ServeAsync(InheritableSocket socket, string transport, int clientsBefore)
    {
        var waiting = new List<Task<ClientWebSocket>>();
        for (var i = 0; i < clientsBefore; i++)
            waiting.Add(ConnectAsync(socket.EndPoint, TestContext.Current.CancellationToken));

        await using var rawws = await RawwsProcess.StartInheritingAsync(socket.Descriptor, "--transport", transport);
        Assert.Contains(socket.EndPoint is UnixDomainSocketEndPoint unix ? $"unix:{unix} (" : $"ws://{socket.EndPoint}/echo (", rawws.Greeting[0], StringComparison.Ordinal);

        waiting.Add(ConnectAsync(socket.EndPoint, rawws.Deadline));
        foreach (var client in await Task.WhenAll(waiting))
        {
            await client.AssertEchoAsync("hello", rawws.Deadline);
            client.Dispose();
        }

        await rawws.SignalAsync("TERM");
        Assert.Equal(ExitCode.Success, (await rawws.WaitForEndAsync()).ExitCode);
        Assert.Equal(socket.EndPoint is UnixDomainSocketEndPoint, _folder.GetFileSystemInfos().Length > 0);
    }

    private static async Task<ClientWebSocket> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(endPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://localhost{EchoSession.Path}"), new HttpMessageInvoker(handler, disposeHandler: false), cancellationToken);
        return client;
    }
}
