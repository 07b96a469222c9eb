using RawWs.Testing;

namespace RawWs.Tests.EndToEnd;

/// <summary>The client of Node's ws, which has a list of checks of its own.</summary>
public sealed class NodeClientTests
{
    private static readonly NodeScripts Scripts = new("node-ws", "ws");

    [Fact]
    public async Task All_its_checks_pass()
    {
        var obstacle = await Scripts.InstallAsync();
        Assert.SkipWhen(obstacle is not null, obstacle ?? "");
        await using var server = await LoopbackServer.StartAsync(ServeAsync, options => options.Subprotocols.Add("b"));

        var (exitCode, output) = await Scripts.RunAsync("node", "client.mjs", server.Uri.ToString());

        Assert.True(exitCode == 0, output);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"1..{lines.Length - 1}", lines[0]);
        Assert.True(lines.Length > 20, output);
        Assert.All(lines.Skip(1), line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
        Assert.Empty(server.Log.AboveDebug);
    }

    private static async Task ServeAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
        {
            switch (message.Type == MessageType.Text && message.Length < 10 ? message.GetText() : "")
            {
                case "close me":
                    await connection.CloseAsync((CloseCode)4010, "as you wish");
                    break;

                case "abort me":
                    connection.Abort();
                    break;

                case "ping me":
                    await connection.PingAsync(cancellationToken);
                    await connection.SendAsync("pong came", cancellationToken);
                    break;

                default:
                    await connection.SendAsync(message, cancellationToken);
                    break;
            }
        }
    }
}
