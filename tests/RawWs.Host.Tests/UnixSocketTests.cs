using System.Net.Sockets;
using System.Net.WebSockets;

namespace RawWs.Host.Tests;

public sealed class UnixSocketTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rawws").FullName;
    private readonly string _path;

    public UnixSocketTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals that end the process are missing.");
        _path = Path.Combine(_folder, "socket");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Unix_alone_is_served_and_its_file_is_gone_afterwards()
    {
        await using var rawws = await RawwsProcess.StartAsync("--unix", _path);
        Assert.Contains($"listens on unix:{_path} (", rawws.Greeting[0], StringComparison.Ordinal);
        await AssertEchoAsync(rawws);

        await rawws.SignalAsync("TERM");
        Assert.Equal(ExitCode.Success, (await rawws.WaitForEndAsync()).ExitCode);
        Assert.False(File.Exists(_path));
    }

    [Fact]
    public async Task Unix_and_a_port_are_served_together()
    {
        await using var rawws = await RawwsProcess.StartAsync("--unix", _path, "--port", "0");
        using var client = await rawws.ConnectAsync();

        await client.AssertEchoAsync("hello", rawws.Deadline);
        await AssertEchoAsync(rawws);
    }

    [Fact]
    public async Task A_file_that_a_killed_process_left_is_replaced()
    {
        await using (var killed = await RawwsProcess.StartAsync("--unix", _path))
        {
            await killed.SignalAsync("KILL");
            await killed.WaitForEndAsync();
        }

        Assert.True(File.Exists(_path));
        await using var rawws = await RawwsProcess.StartAsync("--unix", _path);
        await AssertEchoAsync(rawws);
    }

    [Fact]
    public async Task A_socket_that_is_listened_on_is_left_alone()
    {
        await using var rawws = await RawwsProcess.StartAsync("--unix", _path);

        (await RawwsProcess.RunAsync("--unix", _path)).AssertFailed(ExitCode.Failure, $"Cannot listen on {_path}: another program listens there");

        await AssertEchoAsync(rawws);
    }

    [Theory]
    [InlineData("precious")]
    [InlineData("")]
    public async Task A_file_that_is_no_socket_is_left_alone(string content)
    {
        await File.WriteAllTextAsync(_path, content);

        (await RawwsProcess.RunAsync("--unix", _path)).AssertFailed(ExitCode.Failure, "it is a file of another kind");

        Assert.Equal(content, await File.ReadAllTextAsync(_path));
    }

    [Fact]
    public async Task A_missing_folder_is_told_in_one_line()
    {
        var result = await RawwsProcess.RunAsync("--unix", Path.Combine(_folder, "missing", "socket"));

        result.AssertFailed(ExitCode.Failure, "its folder does not exist; create it or choose another path.");
    }

    private async Task AssertEchoAsync(RawwsProcess rawws)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var client = new ClientWebSocket();

        await client.ConnectAsync(new Uri("ws://localhost/echo"), invoker, rawws.Deadline);
        await client.AssertEchoAsync("hello", rawws.Deadline);
    }
}
