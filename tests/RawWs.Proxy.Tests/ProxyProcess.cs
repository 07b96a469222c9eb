using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RawWs.Proxy.Tests;

/// <summary>nginx or HAProxy as one child process in the foreground, with files in a folder of its own. It is gone when this is disposed.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private ProxyProcess(string program, IReadOnlyList<string> args)
    {
        _process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true, RedirectStandardOutput = true })!; // Null only through a shell.
        _errors = _process.StandardError.ReadToEndAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Where a program is; Debian keeps servers where not everybody looks for programs.</summary>
    /// <returns>Null if it is not there.</returns>
    public static string? Find(string name)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>What one is started with.</summary>
    /// <param name="configuration">The file.</param>
    /// <param name="isNginx">Or it is HAProxy.</param>
    /// <param name="folder">Where it may write.</param>
    public static string[] ArgumentsFor(string configuration, bool isNginx, string folder)
        => isNginx
            ? ["-c", configuration, "-e", "stderr", "-g", $"daemon off; master_process off; pid {Path.Combine(folder, "nginx.pid")};"]
            : ["-db", "-f", configuration];

    /// <summary>Starts one, and waits until it takes connections.</summary>
    /// <param name="program">The program's file.</param>
    /// <param name="endPoint">Where it will listen.</param>
    /// <param name="args">Its arguments.</param>
    /// <exception cref="InvalidOperationException">It has ended instead.</exception>
    public static async Task<ProxyProcess> StartAsync(string program, IPEndPoint endPoint, IReadOnlyList<string> args)
    {
        var proxy = new ProxyProcess(program, args);
        try
        {
            using var deadline = new CancellationTokenSource(LongestStart);
            while (!await IsListeningAsync(endPoint, deadline.Token))
            {
                if (proxy._process.HasExited)
                    throw new InvalidOperationException($"{program} ended instead of listening: {await proxy._errors}");

                await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
            }

            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        await _errors;
        _process.Dispose();
    }

    private static async Task<bool> IsListeningAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }
}
