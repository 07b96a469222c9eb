using Microsoft.Extensions.Logging;

namespace RawWs.Diagnostics;

/// <summary>Ends the tokens that the application is given for one of its connections.</summary>
internal static partial class EndingTokens
{
    /// <summary>Cancels the token. What the application has registered on it is called on another thread, and fails alone: its fault is logged.</summary>
    /// <param name="source">The token's.</param>
    /// <param name="logger">Where to.</param>
    /// <param name="id">The connection's number.</param>
    public static async Task CancelAsync(this CancellationTokenSource source, ILogger logger, long id)
    {
        try
        {
            await source.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The top of the application's code.
            HandlerFailed(logger, id, error);
        }
    }

    [LoggerMessage(21, LogLevel.Error, "Connection {Id}: a handler of its ending token failed")]
    private static partial void HandlerFailed(ILogger logger, long id, Exception error);
}
