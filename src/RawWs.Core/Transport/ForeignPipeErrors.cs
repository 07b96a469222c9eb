namespace RawWs.Transport;

/// <summary>What pipes throw that somebody else's server has made, and what it means here.</summary>
internal static class ForeignPipeErrors
{
    /// <summary>
    /// Whether <paramref name="error"/> says that the connection is broken, in words of its own: a pipe throws whatever its other end was completed with. Not so a caller who
    /// cancels, and one who misuses the pipe.
    /// </summary>
    public static bool IsBroken(Exception error, CancellationToken cancellationToken) => error switch
    {
        IOException => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        InvalidOperationException => error is ObjectDisposedException,
        _ => true,
    };

    public static TransportClosedException Translate(Exception error) => new("the connection is broken: " + error.Message, error);
}
