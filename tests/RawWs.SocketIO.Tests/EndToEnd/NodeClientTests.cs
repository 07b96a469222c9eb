using System.Text.Json;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests.EndToEnd;

/// <summary>The official clients for Node, of versions 4 and 2, which have lists of checks of their own.</summary>
public sealed class NodeClientTests
{
    private static readonly NodeScripts Scripts = new("socket.io-client", "socket.io-client", "socket.io-client-2", "socket.io-msgpack-parser");

    [Theory]
    [InlineData("client.mjs", false)]
    [InlineData("client.mjs", true)]
    [InlineData("client-2.mjs", true)]
    public async Task All_its_checks_pass(string script, bool allowEio3)
    {
        var obstacle = await Scripts.InstallAsync();
        Assert.SkipWhen(obstacle is not null, obstacle ?? "");
        var options = new SocketIOServerOptions { AllowEio3 = allowEio3 };
        await using var server = await LoopbackServer.StartAsync(map: core => SetUp(new SocketIOServer(core, options)));
        await using var messagePack = await LoopbackServer.StartAsync(map: core => SetUp(new SocketIOServer(core, new() { Parser = SocketIOParser.MessagePack })));
        await using var recovering = await LoopbackServer.StartAsync(map: core => SetUp(new SocketIOServer(core, new() { ConnectionStateRecovery = new() })));

        var (exitCode, output) = await Scripts.RunAsync("node", script, $"http://{server.EndPoint}", $"http://{messagePack.EndPoint}", $"http://{recovering.EndPoint}");

        Assert.True(exitCode == 0, output);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"1..{lines.Length - 1}", lines[0]);
        Assert.True(lines.Length > 20, output);
        Assert.All(lines.Skip(1), line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));

        // A loop that got no time on a busy machine may be a warning.
        Assert.DoesNotContain(server.Log.AboveDebug, record => record.StartsWith("Error", StringComparison.Ordinal));
    }

    private static void SetUp(SocketIOServer io)
    {
        io.OnConnection(socket =>
        {
            socket.On("sum", (int a, int b) => a + b);
            socket.On("echo", received => socket.EmitAsync("echo", [.. received.Values]));
            socket.On("bytes", (byte[] bytes) => bytes);
            socket.On("ask me", (int number) => socket.EmitWithAckAsync<int>("question", number));
            socket.On("join", (string room) => socket.Join(room));
            socket.On("say", (string room, string text) => socket.To(room).EmitAsync("said", text));
            socket.On("kick me", () => socket.Disconnect());
            socket.On("close me", () => socket.Disconnect(close: true));
            socket.On("tell", (int number) => io.EmitAsync("said", number));
            socket.On("wait until gone", (string id) => Eventually.HoldsAsync(() => io.Sockets.All(other => other.Id != id)));
        });
        var admin = io.Of("/admin");
        admin.Use(socket => TokenOf(socket) == "t" ? Task.CompletedTask : throw new ConnectErrorException("not authorized", new { code = "E1" }));
        admin.OnConnection(socket => socket.On("who", () => TokenOf(socket)));
    }

    private static string? TokenOf(SocketIOSocket socket)
        => socket.Handshake.Auth is { ValueKind: JsonValueKind.Object } auth && auth.TryGetProperty("token", out var token) ? token.GetString() : null;
}
