using System.ComponentModel;
using System.Diagnostics;
using RawWs.Testing;

namespace RawWs.Tests.EndToEnd;

/// <summary>The client of Node's ws, which has a list of checks of its own.</summary>
public sealed class NodeClientTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(3);
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "tests", "interop", "node-ws");

    [Fact]
    public async Task All_its_checks_pass()
    {
        await InstallAsync();
        await using var server = await LoopbackServer.StartAsync(ServeAsync, options => options.Subprotocols.Add("b"));

        var (exitCode, output) = await RunAsync("node", "client.mjs", server.Uri.ToString());

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

    private static async Task InstallAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "ws")))
            return;

        var (exitCode, output) = await RunAsync("npm", "ci", "--no-audit", "--no-fund");
        Assert.SkipUnless(exitCode == 0, "The ws package can't be installed: " + output);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true },
        };

        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            Assert.Skip($"There is no {program} on this machine: {error.Message}");
        }

        using var timeout = new CancellationTokenSource(LongestWait);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(timeout.Token), process.StandardError.ReadToEndAsync(timeout.Token));
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, await output + (process.ExitCode == 0 ? "" : await errors));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
