using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class ServiceManagerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-");
    private readonly Socket _socket;

    public ServiceManagerTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such sockets.");
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    }

    private string SocketPath => Path.Combine(_folder.FullName, "notify");

    public void Dispose()
    {
        _socket?.Dispose(); // Null if this was skipped.
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_is_told_when_clients_are_served_and_when_that_ends()
    {
        _socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
        await using var rawws = await RawwsProcess.StartAsync(["--port", "0"], [("NOTIFY_SOCKET", SocketPath)]);
        Assert.Equal("READY=1", await ReceiveAsync(rawws.Deadline));

        using var client = await rawws.ConnectAsync();
        await rawws.SignalAsync("TERM");
        Assert.Equal("STOPPING=1", await ReceiveAsync(rawws.Deadline));
    }

    [Fact]
    public async Task An_abstract_name_begins_with_an_at_sign()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has abstract names.");
        var name = Path.GetRandomFileName();
        _socket.Bind(new UnixDomainSocketEndPoint('\0' + name));

        new ServiceManager(_ => '@' + name, NullLogger.Instance).TellReady();

        Assert.Equal("READY=1", await ReceiveAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_that_is_not_there_is_a_warning_and_the_server_serves()
    {
        await using var rawws = await RawwsProcess.StartAsync(["--port", "0"], [("NOTIFY_SOCKET", SocketPath)]);
        using (var client = await rawws.ConnectAsync())
            await client.AssertEchoAsync("hello", rawws.Deadline);

        await rawws.SignalAsync("TERM");
        var result = await rawws.WaitForEndAsync();

        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Contains("The service manager could not be told READY=1", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_can_be_none_of_a_socket_is_a_warning_too()
    {
        var log = new RecordingLoggerFactory();

        new ServiceManager(_ => "/run/" + new string('x', 200), log).TellStopping();

        Assert.StartsWith("Warning: The service manager could not be told STOPPING=1: ", Assert.Single(log.AboveDebug), StringComparison.Ordinal);
    }

    private async Task<string> ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[256];
        return Encoding.ASCII.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, cancellationToken));
    }
}
