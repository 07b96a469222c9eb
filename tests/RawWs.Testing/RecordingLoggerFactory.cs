using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RawWs.Testing;

/// <summary>Keeps what is logged, so that a test can say what must not be.</summary>
public sealed class RecordingLoggerFactory : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Message, Exception? Error)> _entries = new();

    /// <summary>Everything logged so far.</summary>
    public IReadOnlyCollection<(LogLevel Level, string Message, Exception? Error)> Entries => _entries;

    /// <summary>What was logged above Debug.</summary>
    public IEnumerable<string> AboveDebug => _entries.Where(entry => entry.Level > LogLevel.Debug).Select(entry => $"{entry.Level}: {entry.Message} {entry.Error}");

    /// <summary>Forgets what was logged so far.</summary>
    public void Clear() => _entries.Clear();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _entries.Enqueue((logLevel, formatter(state, exception), exception));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
