using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>A Socket.IO server for Node with its own Redis adapter, a client of its own and an emitter: a process that does what it is told in JavaScript. It ends when this is disposed.</summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "tests", "interop", "socket.io-redis");
    private static readonly string[] Packages = ["@socket.io/redis-adapter", "@socket.io/redis-emitter", "@socket.io/redis-streams-adapter", "redis", "socket.io", "socket.io-client"];
    private static readonly SemaphoreSlim Installing = new(1);

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Task<string> _errors;
    private readonly Task _reading;
    private int _lastId;

    private NodeServer(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    /// <summary>Starts one that is connected to Redis, with its client, or skips the test that wants it.</summary>
    /// <param name="address">Where Redis is.</param>
    /// <param name="kind">Its adapter.</param>
    /// <param name="recovers">Whether it recovers connections.</param>
    public static async Task<NodeServer> StartAsync(string address, AdapterKind kind, bool recovers = false)
    {
        await InstallAsync();
        var node = new NodeServer(Start("node", "server.mjs", $"redis://{address}", "socket.io", $"{kind}".ToLowerInvariant(), recovers ? "recovery" : ""));
        await node.EvaluateAsync("return client.connected");
        return node;
    }

    /// <summary>Has it run the body of an asynchronous function, which knows what <c>server.mjs</c> does: <c>io</c>, <c>client</c>, <c>take(count)</c> and so on.</summary>
    /// <returns>What the function returns, as JSON.</returns>
    public async Task<JsonElement> EvaluateAsync(string code)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answered = _pending[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { id, code }));
            await _process.StandardInput.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }

        if (await Task.WhenAny(answered.Task, _reading).WaitAsync(LongestWait) == _reading && !answered.Task.IsCompleted)
            throw new InvalidOperationException("Node has ended: " + await _errors);

        return await answered.Task;
    }

    /// <summary>Ends it without a word: <c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(LongestWait);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(LongestWait);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        finally
        {
            _process.Kill(entireProcessTree: true);
            _process.Dispose();
            _writing.Dispose();
        }
    }

    private static async Task InstallAsync()
    {
        await Installing.WaitAsync();
        try
        {
            if (Array.TrueForAll(Packages, package => Directory.Exists(Path.Combine(Folder, "node_modules", package))))
                return;

            using var npm = Start("npm", "ci", "--no-audit", "--no-fund");
            npm.StandardInput.Close();
            var (output, errors) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
            await npm.WaitForExitAsync().WaitAsync(LongestWait);
            Assert.SkipUnless(npm.ExitCode == 0, "The packages of Socket.IO can't be installed: " + await output + await errors);
        }
        finally
        {
            Installing.Release();
        }
    }

    private static Process Start(string program, params string[] arguments)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            process.Dispose();
            Assert.Skip($"There is no {program} on this machine: {error.Message}");
        }

        return process;
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var answer = JsonDocument.Parse(line).RootElement;
            if (!_pending.TryRemove(answer.GetProperty("id").GetInt32(), out var answered))
                continue;

            if (answer.TryGetProperty("error", out var error))
                answered.SetException(new InvalidOperationException(error.GetString()));
            else
                answered.SetResult(answer.TryGetProperty("value", out var value) ? value : default);
        }
    }
}
