using Microsoft.Extensions.Logging;

namespace RawWs.Diagnostics;

/// <summary>
/// A logger that never throws. That of the application may, as when a disk is full, and whatever is logged is logged in the midst of something: a connection that is to be closed, a place that is to be
/// given back.
/// </summary>
/// <remarks>What could not be logged is told to nobody, for there is nobody left.</remarks>
internal sealed class SteadyLogger(ILogger logger) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => logger.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            // The top of somebody else's code, see above.
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
