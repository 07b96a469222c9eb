using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.RegularExpressions;

namespace RawWs.Host.Tests;

/// <summary>The built program as a child process. It is gone when this is disposed, and every wait ends at its deadline, which is there for tests that would hang.</summary>
internal sealed partial class RawwsProcess : IAsyncDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(3));
    private readonly Process _process;
    private readonly Task<string> _errors;

    private RawwsProcess(string[] args, (string Name, string Value)[] environment, string? preparation = null, bool takesInput = false)
    {
        // The same dotnet that runs these tests, where it says which that is.
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(preparation is null ? dotnet : "bash")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = takesInput,
        };

        // The shell becomes the program: with the same process id, and with what has been prepared.
        if (preparation is not null)
            Array.ForEach(["-c", $"{preparation} && exec \"$@\"", "bash", dotnet], start.ArgumentList.Add);

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "rawws.dll"));
        foreach (var arg in args)
            start.ArgumentList.Add(arg);

        // What whoever runs these tests has set for itself sets nothing here.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("RAWWS_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);

        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        _process = Process.Start(start)!; // Null only for a process that is reused, through a shell.
        _errors = _process.StandardError.ReadToEndAsync(Deadline);
    }

    public CancellationToken Deadline => _deadline.Token;

    /// <summary>The two lines that it has begun with.</summary>
    public string[] Greeting { get; private set; } = [];

    public Uri Url => new(UrlPattern().Match(Greeting[0]).Value);

    /// <summary>The names of the files that it has loaded, on Linux.</summary>
    public string LoadedFiles => File.ReadAllText($"/proc/{_process.Id}/maps");

    /// <summary>Starts it and waits until it listens.</summary>
    public static Task<RawwsProcess> StartAsync(params string[] args) => StartAsync(args, []);

    /// <inheritdoc cref="StartAsync(string[])"/>
    public static Task<RawwsProcess> StartAsync(string[] args, (string Name, string Value)[] environment) => GreetAsync(new(args, environment));

    /// <summary>Starts it with a limit of file descriptors, and waits until it listens.</summary>
    public static Task<RawwsProcess> StartLimitedAsync(int maxDescriptors, params string[] args) => GreetAsync(new(args, [], $"ulimit -n {maxDescriptors}"));

    /// <summary>Starts it with a socket that listens already, as systemd would, and waits until it listens.</summary>
    /// <param name="descriptor">The number of the socket's descriptor in this process, which has to survive the start of another.</param>
    /// <param name="args">The arguments.</param>
    public static Task<RawwsProcess> StartInheritingAsync(nint descriptor, params string[] args) => GreetAsync(Inheriting(descriptor, args));

    /// <inheritdoc cref="StartInheritingAsync"/>
    /// <summary>Runs it to its end with a descriptor that it inherits.</summary>
    public static async Task<RawwsResult> RunInheritingAsync(nint descriptor, params string[] args)
    {
        await using var rawws = Inheriting(descriptor, args);
        return await rawws.WaitForEndAsync();
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<RawwsResult> RunAsync(params string[] args) => RunAsync(args, []);

    /// <inheritdoc cref="RunAsync(string[])"/>
    public static async Task<RawwsResult> RunAsync(string[] args, (string Name, string Value)[] environment)
    {
        await using var rawws = new RawwsProcess(args, environment);
        return await rawws.WaitForEndAsync();
    }

    /// <summary>Runs it to its end where nothing that it prints can be written.</summary>
    /// <param name="descriptors">What is full: <c>1</c>, or <c>2</c> for standard error.</param>
    /// <param name="args">The arguments.</param>
    public static async Task<RawwsResult> RunOnFullDiskAsync(string descriptors, params string[] args)
    {
        await using var rawws = new RawwsProcess(args, [], $"exec {string.Join(' ', descriptors.Select(descriptor => $"{descriptor}>/dev/full"))}");
        return await rawws.WaitForEndAsync();
    }

    /// <summary>Runs it to its end with a standard output that is closed.</summary>
    public static async Task<RawwsResult> RunClosedAsync(params string[] args)
    {
        await using var rawws = new RawwsProcess(args, [], "exec 1>&-");
        return await rawws.WaitForEndAsync();
    }

    /// <summary>Runs it to its end, and lets it read something meanwhile.</summary>
    public static async Task<RawwsResult> RunWithInputAsync(byte[] input, params string[] args)
    {
        await using var rawws = new RawwsProcess(args, [], takesInput: true);
        var ended = rawws.WaitForEndAsync();
        await rawws._process.StandardInput.BaseStream.WriteAsync(input, rawws.Deadline);
        rawws._process.StandardInput.Close();
        return await ended;
    }

    /// <summary>Starts it as a client of a server, which has no greeting.</summary>
    public static RawwsProcess StartClient(params string[] args) => new(args, []);

    /// <summary>Opens a WebSocket connection to it.</summary>
    public async Task<ClientWebSocket> ConnectAsync(Uri? url = null)
    {
        var client = new ClientWebSocket();
        try
        {
            await client.ConnectAsync(url ?? Url, Deadline);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <param name="signal">INT, TERM or KILL.</param>
    public async Task SignalAsync(string signal)
    {
        // The shell's own kill: not every machine has it as a program.
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync(Deadline);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <returns>How it ended, and what it wrote after its greeting.</returns>
    public async Task<RawwsResult> WaitForEndAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync(Deadline);
        await _process.WaitForExitAsync(Deadline);
        return new RawwsResult(_process.ExitCode, output, await _errors);
    }

    /// <summary>The next line of its standard output, or what it says of its end.</summary>
    public async Task<string> ReadLineAsync()
        => await _process.StandardOutput.ReadLineAsync(Deadline)
            ?? throw new InvalidOperationException($"rawws ended instead of going on: {await _errors}");

    /// <summary>Reads no more of its standard output, and lets it know.</summary>
    public void StopReading() => _process.StandardOutput.Close();

    /// <returns>How it ended, without what it wrote to standard output.</returns>
    public async Task<RawwsResult> WaitForSilentEndAsync()
    {
        await _process.WaitForExitAsync(Deadline);
        return new RawwsResult(_process.ExitCode, "", await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        // Not by the deadline, which may be what has failed the test; a process that was killed ends.
        await _process.WaitForExitAsync(CancellationToken.None);
        await _errors.ContinueWith(static _ => { }, TaskScheduler.Default);
        _process.Dispose();
        _deadline.Dispose();
    }

    private static RawwsProcess Inheriting(nint descriptor, string[] args)
        => new(args, [("LISTEN_FDS", "1")], $"exec 3<&{descriptor} {descriptor}<&- && export LISTEN_PID=$$");

    private static async Task<RawwsProcess> GreetAsync(RawwsProcess rawws)
    {
        try
        {
            rawws.Greeting = [await rawws.ReadLineAsync(), await rawws.ReadLineAsync()];
            return rawws;
        }
        catch
        {
            await rawws.DisposeAsync();
            throw;
        }
    }

    [GeneratedRegex(@"wss?://[^ ]+/echo")]
    private static partial Regex UrlPattern();
}
