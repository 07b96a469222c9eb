using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;

namespace RawWs.Samples.Tests;

/// <summary>A sample as a child process. It is gone when this is disposed, and every wait ends at its deadline.</summary>
internal sealed partial class SampleProcess : IAsyncDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(120));
    private readonly Process _process;

    private SampleProcess(string name, string[] args, IReadOnlyDictionary<string, string>? environment = null)
    {
        // The same dotnet that runs these tests, where it says which that is.
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{name}.dll"));
        foreach (var arg in args)
            start.ArgumentList.Add(arg);
        foreach (var (variable, value) in environment ?? new Dictionary<string, string>())
            start.Environment[variable] = value;

        _process = Process.Start(start)!; // Null only for a process that is reused, through a shell.
    }

    public CancellationToken Deadline => _deadline.Token;

    /// <summary>The address that it has begun with.</summary>
    public Uri Url { get; private set; } = new("ws://localhost");

    /// <summary>What it has begun with.</summary>
    public string FirstLine { get; private set; } = "";

    /// <summary>Starts a server on a free port, and waits until it says where.</summary>
    /// <param name="name">The sample.</param>
    /// <param name="argument">What makes it take a free port.</param>
    /// <param name="environment">Variables beside those of the tests.</param>
    public static async Task<SampleProcess> StartAsync(string name, string argument = "0", IReadOnlyDictionary<string, string>? environment = null)
    {
        var sample = new SampleProcess(name, [argument], environment);
        try
        {
            sample.FirstLine = await sample._process.StandardOutput.ReadLineAsync(sample.Deadline) ?? "";
            sample.Url = new Uri(UrlPattern().Match(sample.FirstLine).Value);
            return sample;
        }
        catch
        {
            await sample.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a sample to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string name, params string[] args)
    {
        await using var sample = new SampleProcess(name, args);
        return await sample.WaitForExitAsync();
    }

    /// <summary>Lets it end by itself.</summary>
    /// <returns>Its exit code, and what it has said since its first line.</returns>
    public async Task<(int ExitCode, string Output)> WaitForExitAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync(Deadline);
        await _process.WaitForExitAsync(Deadline);
        return (_process.ExitCode, output);
    }

    /// <summary>Asks it to stop, as a service manager does.</summary>
    public async Task TerminateAsync()
    {
        // The shell's own kill: not every machine has it as a program.
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id}"]);
        await kill.WaitForExitAsync(Deadline);
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<ClientWebSocket> ConnectAsync(Uri? url = null, string? header = null, string? value = null)
    {
        var client = new ClientWebSocket();
        if (header is not null)
            client.Options.SetRequestHeader(header, value);

        await client.ConnectAsync(url ?? Url, Deadline);
        return client;
    }

    public async Task<string> ReadTextAsync(ClientWebSocket client)
    {
        var buffer = new byte[4096];
        var received = await client.ReceiveAsync(buffer, Deadline);
        Assert.Equal((WebSocketMessageType.Text, true), (received.MessageType, received.EndOfMessage));
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    public Task SendTextAsync(ClientWebSocket client, string text)
        => client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Deadline);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _deadline.Dispose();
    }

    [GeneratedRegex(@"ws://\S+")]
    private static partial Regex UrlPattern();
}
