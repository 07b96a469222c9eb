using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace RawWs.Load;

/// <summary>The server that is loaded: a child process, ended when this is disposed, or one that runs and is left alone.</summary>
internal sealed partial class TargetServer : IAsyncDisposable
{
    private const int DescriptorSlack = 8;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly bool _isOurs;
    private readonly Failures _warnings = new(), _errors = new();

    private TargetServer(IPEndPoint endPoint, Process process, bool isOurs) => (EndPoint, _process, _isOurs) = (endPoint, process, isOurs);

    public IPEndPoint EndPoint { get; }

    public bool IsRunning => !_process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>What a child has warned of on standard error.</summary>
    public IEnumerable<string> Warnings => _warnings.Lines;

    /// <summary>What a child has written on standard error that is worse than a warning.</summary>
    public IEnumerable<string> Errors => _errors.Lines;

    public static TargetServer Attach(IPEndPoint endPoint, int process) => new(endPoint, Process.GetProcessById(process), isOurs: false);

    /// <summary>Starts rawws on a free port, and waits until it listens.</summary>
    public static async Task<TargetServer> StartAsync(CancellationToken cancellationToken)
    {
        // The build puts rawws beside this program.
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "rawws.dll"), "--host", "127.0.0.1", "--port", "0", "--log-level", "warning" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!; // Null only for a process that is reused, through a shell.
        var greeting = await process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException($"rawws ended instead of listening: {await process.StandardError.ReadToEndAsync(cancellationToken)}");

        var address = greeting.Split(' ').First(word => word.StartsWith("ws://", StringComparison.Ordinal));
        var server = new TargetServer(new IPEndPoint(IPAddress.Loopback, new Uri(address).Port), process, isOurs: true);
        process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        process.BeginErrorReadLine();
        return server;
    }

    public ServerUsage Measure() => IsRunning ? ServerUsage.Of(_process) : default;

    /// <summary>Waits until the descriptors are within a few of what they were, and the memory has had time to settle.</summary>
    /// <returns>What it holds then, and whether the descriptors have come back.</returns>
    public async Task<(ServerUsage Usage, bool IsBack)> SettleAsync(ServerUsage before, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(60) && Measure().DescriptorCount > before.DescriptorCount + DescriptorSlack)
            await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken);

        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
        var usage = Measure();
        return (usage, IsRunning && usage.DescriptorCount <= before.DescriptorCount + DescriptorSlack);
    }

    /// <summary>Asks the process to end, as an operator does.</summary>
    public async Task TerminateAsync(CancellationToken cancellationToken)
    {
        // The shell's own kill: not every machine has it as a program.
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    public Task WaitForEndAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_isOurs && IsRunning)
        {
            await TerminateAsync(CancellationToken.None);
            await _process.WaitForExitAsync().WaitAsync(StopTimeout).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (IsRunning)
                _process.Kill();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        // Lines that differ in their numbers say the same.
        if (line is not null)
            (line.StartsWith("warn: ", StringComparison.Ordinal) ? _warnings : _errors).Add(Number().Replace(line, "#"));
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
