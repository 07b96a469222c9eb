using System.Diagnostics;

namespace RawWs.Load;

/// <summary>The servers of others in bench/peers, made ready to be started.</summary>
internal sealed class PeerServers
{
    private readonly string? _folder = FindFolder();

    /// <summary>ASP.NET Core's WebSockets, built here.</summary>
    /// <exception cref="InvalidOperationException">Says why it can't take part.</exception>
    public async Task<Contestant> KestrelAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(FolderOrThrow(), "kestrel");

        // Nothing that the build starts may still be there when measuring begins.
        await RunAsync(
            "dotnet", folder, ["build", "--configuration", "Release", "--nologo", "-maxcpucount:1", "-nodeReuse:false", "--property:UseSharedCompilation=false"], cancellationToken);
        return Contestant.Peer("kestrel", ServerStart.OfDotNet(
            Path.Combine(folder, "bin", "Release", $"net{Environment.Version.Major}.0", "KestrelPeer.dll"), "--port", ServerStart.PortPlace));
    }

    /// <summary>Node's ws, installed here.</summary>
    /// <inheritdoc cref="KestrelAsync" path="/exception"/>
    public async Task<Contestant> NodeAsync(CancellationToken cancellationToken)
        => Contestant.Peer("node-ws", await InstallAsync("node-ws", "ws", cancellationToken));

    /// <summary>Socket.IO on Node, installed here.</summary>
    /// <inheritdoc cref="KestrelAsync" path="/exception"/>
    public async Task<Contestant> NodeSocketIOAsync(CancellationToken cancellationToken)
        => Contestant.SocketIO("node-socketio", await InstallAsync("node-socketio", "socket.io", cancellationToken));

    private async Task<ServerStart> InstallAsync(string name, string package, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(FolderOrThrow(), name);
        var node = ExecutablePath.Find("node") ?? throw new InvalidOperationException("there is no Node on this machine");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", package)))
            await RunAsync("npm", folder, ["ci", "--no-audit", "--no-fund"], cancellationToken);

        return new ServerStart(node, [Path.Combine(folder, "server.mjs"), "--port", ServerStart.PortPlace]);
    }

    private string FolderOrThrow() => _folder ?? throw new InvalidOperationException("bench/peers is not above this program");

    private static string? FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "bench", "peers") is var peers && Directory.Exists(peers))
                return peers;
        }

        return null;
    }

    private static async Task RunAsync(string program, string folder, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var path = ExecutablePath.Find(program) ?? throw new InvalidOperationException($"there is no {program} on this machine");
        var start = new ProcessStartInfo(path, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!; // Null only for a process that is reused, through a shell.
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);

        var said = (await output + await error).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed in {Path.GetFileName(folder)}: {said.FirstOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)) ?? said.LastOrDefault()}");
    }
}
