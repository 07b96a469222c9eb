using System.Net;

namespace RawWs.Host.Tests.SocketIO;

/// <summary>What <c>rawws --socketio</c> serves, asked by the HTTP client of .NET. What its pages do is tested in a browser.</summary>
public sealed class SocketIOTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-client-");

    [Fact]
    public async Task It_is_not_there_unless_it_is_asked_for()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0");
        using var http = HttpTo(rawws);

        foreach (var path in new[] { "/socket.io/?EIO=4&transport=polling", "/socketio", "/socket.io/socket.io.js" })
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), rawws.Deadline);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_client_connects_and_is_told_the_limit_of_a_message()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--socketio", "--max-message-size", "20K");
        using var http = HttpTo(rawws);

        var open = await http.GetStringAsync(new Uri("/socket.io/?EIO=4&transport=polling", UriKind.Relative), rawws.Deadline);

        Assert.StartsWith("0{\"sid\":", open, StringComparison.Ordinal);
        Assert.EndsWith("\"maxPayload\":20480}", open, StringComparison.Ordinal);
        Assert.EndsWith("; Socket.IO: " + new UriBuilder(rawws.Url) { Scheme = "http", Path = "/socketio" }.Uri, rawws.Greeting[1].Split("; dashboard")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_metrics_are_told_with_those_of_the_server()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--socketio");
        using var http = HttpTo(rawws);
        await http.GetStringAsync(new Uri("/socket.io/?EIO=4&transport=polling", UriKind.Relative), rawws.Deadline);

        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), rawws.Deadline);

        Assert.Contains("\nrawws_socketio_sessions{rawws_transport=\"polling\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_client_for_browsers_the_way_to_it_is_told()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--socketio");
        using var http = HttpTo(rawws);

        using var response = await http.GetAsync(new Uri("/socket.io/socket.io.js", UriKind.Relative), rawws.Deadline);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("--socketio-client node_modules/socket.io-client/dist", await response.Content.ReadAsStringAsync(rawws.Deadline), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_for_browsers_is_served_from_its_folder()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "socket.io.js"), "/*!\n * Socket.IO v4.8.1\n */", TestContext.Current.CancellationToken);
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--socketio", "--socketio-client", _folder.FullName);
        using var http = HttpTo(rawws);

        using var response = await http.GetAsync(new Uri("/socket.io/socket.io.js", UriKind.Relative), rawws.Deadline);

        Assert.Equal((HttpStatusCode.OK, "\"4.8.1\""), (response.StatusCode, response.Headers.ETag?.Tag));
    }

    [Fact]
    public async Task A_folder_that_can_not_be_used_is_told_in_time()
    {
        var empty = await RawwsProcess.RunAsync("--port", "0", "--socketio", "--socketio-client", _folder.FullName);
        empty.AssertFailed(ExitCode.WrongUsage, "--socketio-client takes a folder with a socket.io.js in it");

        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "socket.io.js"), "", TestContext.Current.CancellationToken);
        var alone = await RawwsProcess.RunAsync("--port", "0", "--socketio-client", _folder.FullName);
        alone.AssertFailed(ExitCode.WrongUsage, "--socketio-client is for --socketio");
    }

    [Theory]
    [InlineData("takes a number of seconds, above 0", "--socketio", "--socketio-recovery", "0")]
    [InlineData("takes a number of seconds, above 0", "--socketio", "--socketio-recovery", "soon")]
    [InlineData("is for --socketio", "--socketio-recovery", "120")]
    [InlineData("with --redis needs --redis-mode streams", "--socketio", "--socketio-recovery", "120", "--redis", "localhost")]
    [InlineData("with --redis needs --redis-mode streams", "--socketio", "--socketio-recovery", "120", "--redis", "localhost", "--redis-mode", "sharded")]
    public async Task A_time_to_come_back_in_that_can_not_be_given_is_told(string error, params string[] args)
        => (await RawwsProcess.RunAsync(["--port", "0", .. args])).AssertFailed(ExitCode.WrongUsage, "--socketio-recovery " + error);

    public void Dispose() => _folder.Delete(recursive: true);

    private static HttpClient HttpTo(RawwsProcess rawws) => new() { BaseAddress = new UriBuilder(rawws.Url) { Scheme = "http" }.Uri };
}
