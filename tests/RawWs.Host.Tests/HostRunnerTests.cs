using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace RawWs.Host.Tests;

public partial class HostRunnerTests
{
    private const int MaxMessageSize = 16 * 1024 * 1024;

    [Fact]
    public async Task Text_is_echoed()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var client = await rawws.ConnectAsync();

        await client.AssertEchoAsync("hello, wörld", rawws.Deadline);
    }

    [Fact]
    public async Task Binary_is_echoed_up_to_16_MiB()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var client = await rawws.ConnectAsync();
        var sent = RandomNumberGenerator.GetBytes(MaxMessageSize);

        await client.SendAsync(sent, rawws.Deadline);
        var (type, payload) = await client.ReceiveMessageAsync(rawws.Deadline);

        Assert.Equal(WebSocketMessageType.Binary, type);
        Assert.True(payload.AsSpan().SequenceEqual(sent));
    }

    [Fact]
    public async Task One_byte_more_than_16_MiB_closes_with_1009()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");

        await AssertTooBigAsync(rawws, MaxMessageSize + 1);
    }

    [Fact]
    public async Task Max_message_size_is_what_was_asked_for()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--max-message-size", "1K");
        using var client = await rawws.ConnectAsync();

        await client.AssertEchoAsync(new string('x', 1024), rawws.Deadline);
        await AssertTooBigAsync(rawws, 1025);
    }

    [Fact]
    public async Task Localhost_has_one_port_in_both_address_families()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");

        foreach (var address in ListenAddresses.Resolve(["localhost"]))
        {
            using var client = await rawws.ConnectAsync(new UriBuilder(rawws.Url) { Host = address.ToString() }.Uri);
            await client.AssertEchoAsync("hello", rawws.Deadline);
        }
    }

    [Fact]
    public async Task Without_IPv6_localhost_is_127_0_0_1_and_nothing_is_said()
    {
        await using var rawws = await RawwsProcess.StartAsync(["--port", "0"], [("DOTNET_SYSTEM_NET_DISABLEIPV6", "1")]);
        using var client = await rawws.ConnectAsync(new UriBuilder(rawws.Url) { Host = "127.0.0.1" }.Uri);

        await client.AssertEchoAsync("hello", rawws.Deadline);
        Assert.Contains("ws://localhost:", rawws.Greeting[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_path_is_not_served()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");

        await Assert.ThrowsAsync<WebSocketException>(() => rawws.ConnectAsync(new Uri(rawws.Url, "/other")));
    }

    [Fact]
    public async Task A_taken_port_is_told_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var result = await RawwsProcess.RunAsync("--port", $"{port}");

        result.AssertFailed(ExitCode.Failure, $"Cannot listen on 127.0.0.1:{port}: the address is in use; stop the other program or choose another port.");
    }

    [Fact]
    public async Task An_address_of_another_machine_is_told_in_one_line()
    {
        var result = await RawwsProcess.RunAsync("--host", "192.0.2.1", "--host", "localhost", "--port", "0");

        result.AssertFailed(ExitCode.Failure, "this machine has no such address");
    }

    [Fact]
    public async Task A_wrong_option_is_told_in_one_line()
    {
        var result = await RawwsProcess.RunAsync("--port", "http");

        result.AssertFailed(ExitCode.WrongUsage, "--port takes a number from 0 (any free port) to 65535; 'http' is none. For all options: rawws --help");
    }

    [Fact]
    public async Task Version_is_the_version_and_nothing_else()
    {
        var result = await RawwsProcess.RunAsync("--version");

        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Matches(VersionLine(), result.Output);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        var result = await RawwsProcess.RunAsync("--help");

        Assert.Equal(ExitCode.Success, result.ExitCode);
        foreach (var option in (string[])["--host", "--port", "--unix", "--max-message-size", "--drain-time", "--static", "--dashboard-token", "--no-dashboard", "--log-level", "--version", "--help"])
            Assert.Contains(option, result.Output, StringComparison.Ordinal);
    }

    private static async Task AssertTooBigAsync(RawwsProcess rawws, int length)
    {
        using var client = await rawws.ConnectAsync();

        // It is refused as soon as it is announced, so sending the rest of it may fail or not.
        var sending = client.SendAsync(new byte[length], rawws.Deadline);
        var (type, _) = await client.ReceiveMessageAsync(rawws.Deadline);
        await sending.ContinueWith(static _ => { }, TaskScheduler.Default);

        Assert.Equal(WebSocketMessageType.Close, type);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, client.CloseStatus);
    }

    [GeneratedRegex(@"\A\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?\r?\n\z")]
    private static partial Regex VersionLine();
}
