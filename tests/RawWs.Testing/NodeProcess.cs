using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace RawWs.Testing;

/// <summary>
/// A script for Node that does what it is told in JavaScript: it reads lines of <c>{"id", "code"}</c>, where the code is the body of an asynchronous function, and answers each with <c>{"id", "value"}</c> or
/// <c>{"id", "error"}</c>. It ends with its input, which is when this is disposed.
/// </summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Task<string> _errors;
    private readonly Task _reading;
    private int _lastId;

    /// <param name="process">The script, with all three streams of its own.</param>
    internal NodeProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    /// <summary>Has it run the body of an asynchronous function.</summary>
    /// <returns>What the function returns, as JSON.</returns>
    /// <exception cref="InvalidOperationException">The function threw, or the script has ended.</exception>
    /// <exception cref="TimeoutException">It does not answer.</exception>
    public async Task<JsonElement> EvaluateAsync(string code)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answered = _pending[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { id, code })).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }

        if (await Task.WhenAny(answered.Task, _reading).WaitAsync(LongestWait).ConfigureAwait(false) == _reading && !answered.Task.IsCompleted)
            throw new InvalidOperationException("Node has ended: " + await _errors.ConfigureAwait(false));

        return await answered.Task.ConfigureAwait(false);
    }

    /// <summary>Ends it without a word: <c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(LongestWait).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(LongestWait);
        try
        {
            await _process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
        }
        finally
        {
            _process.Kill(entireProcessTree: true);
            _process.Dispose();
            _writing.Dispose();
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
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
