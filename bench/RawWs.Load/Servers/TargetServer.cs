using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace RawWs.Load;

/// <summary>The server that is loaded: a child process, ended when this is disposed, or one that runs and is left alone.</summary>
internal sealed partial class TargetServer : IAsyncDisposable
{
    private const int DescriptorSlack = 8, MaxStartCount = 3;
    private const int FirstPort = 10_000, FirstGivenPort = 32_768, MaxPortAttempts = 1000;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30), StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly bool _isOurs;
    private readonly Failures _warnings = new(), _errors = new();

    private TargetServer(IPEndPoint endPoint, Process process, bool isOurs) => (EndPoint, _process, _isOurs) = (endPoint, process, isOurs);

    public IPEndPoint EndPoint { get; }

    public int ProcessId => _process.Id;

    public bool IsRunning => !_process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>What a child has warned of on standard error.</summary>
    public IEnumerable<string> Warnings => _warnings.Lines;

    /// <summary>What a child has written on standard error that is worse than a warning.</summary>
    public IEnumerable<string> Errors => _errors.Lines;

    public static TargetServer Attach(IPEndPoint endPoint, int process) => new(endPoint, Process.GetProcessById(process), isOurs: false);

    /// <summary>
    /// A port that is free at this moment, of those that no system gives away by itself (RFC 6335 §6; Linux begins at 32,768). One of these could be given to
    /// another program before the server has started, which would be taken for the server.
    /// </summary>
    /// <exception cref="SocketException">There is none.</exception>
    public static int FreePort()
    {
        for (var count = 1; ; count++)
        {
            var port = Random.Shared.Next(FirstPort, FirstGivenPort);
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException error) when (count < MaxPortAttempts && error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Somebody has it; or, on Windows, it is reserved.
            }
        }
    }

    /// <summary>Starts rawws on a free port, and waits until it listens.</summary>
    public static Task<TargetServer> StartAsync(CancellationToken cancellationToken) => StartAsync(ServerStart.Rawws("sockets"), core: null, cancellationToken);

    /// <summary>Starts a server on a free port, and waits until it listens. On another one, if it does not.</summary>
    /// <param name="command">How.</param>
    /// <param name="core">The only one that it runs on; null for any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">It does not listen.</exception>
    public static async Task<TargetServer> StartAsync(ServerStart command, int? core, CancellationToken cancellationToken)
    {
        for (var count = 1; ; count++)
        {
            try
            {
                return await StartOnceAsync(command, core, cancellationToken);
            }
            catch (InvalidOperationException) when (count < MaxStartCount)
            {
                // It can't be told from here why a server has ended; one that never starts says so in the end.
            }
        }
    }

    /// <summary>Asks a server that answers on its standard output.</summary>
    public string Ask(string question)
    {
        _process.StandardInput.WriteLine(question);
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The server ended instead of answering.");
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
            // One that answers waits for a question rather than for a signal.
            if (_process.StartInfo.RedirectStandardInput)
                _process.StandardInput.Close();

            await TerminateAsync(CancellationToken.None);
            await _process.WaitForExitAsync().WaitAsync(StopTimeout).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (IsRunning)
                _process.Kill();
        }

        _process.Dispose();
    }

    private static async Task<TargetServer> StartOnceAsync(ServerStart command, int? core, CancellationToken cancellationToken)
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        var start = command.InfoFor(endPoint.Port);
        CorePinning.Apply(start, core);
        var process = Process.Start(start)!; // Null only for a process that is reused, through a shell.
        var server = new TargetServer(endPoint, process, isOurs: true);
        process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        process.BeginErrorReadLine();

        // What it says there is for people.
        if (!command.Answers)
            process.BeginOutputReadLine();

        try
        {
            await server.WaitUntilItListensAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task WaitUntilItListensAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(EndPoint, cancellationToken);
                return;
            }
            catch (SocketException) when (IsRunning && clock.Elapsed < StartTimeout)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
            catch (SocketException)
            {
                var why = Errors.Concat(Warnings).FirstOrDefault() ?? "It said nothing.";
                throw new InvalidOperationException(IsRunning ? $"The server does not listen. {why}" : $"The server ended instead of listening. {why}");
            }
        }
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
