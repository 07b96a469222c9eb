using RawWs.Protocol;

namespace RawWs;

/// <summary>How a server stops. Setters throw an <see cref="ArgumentException"/> that says what is allowed.</summary>
public sealed record DrainOptions
{
    /// <summary>
    /// The close code that every connection gets. Default: <see cref="CloseCode.GoingAway"/>. Allowed besides: <see cref="CloseCode.ServiceRestart"/>, after
    /// which clients come back soon; <see cref="CloseCode.TryAgainLater"/>, after which they come back late; and 3000–4999, which mean what you and your
    /// clients have agreed on. The others would say something about the connection that is not true.
    /// </summary>
    /// <exception cref="ArgumentException">The code is none of these.</exception>
    public CloseCode CloseCode
    {
        get;
        init => field = value is CloseCode.GoingAway or CloseCode.ServiceRestart or CloseCode.TryAgainLater or (>= (CloseCode)3000 and <= (CloseCode)4999)
            ? value
            : throw new ArgumentException($"{(int)value} is no code for stopping; use 1001, 1012, 1013, or one of 3000–4999.", nameof(CloseCode));
    }
        = CloseCode.GoingAway;

    /// <summary>The reason that goes with the code, of at most 123 bytes as UTF-8. Default: "the server is stopping".</summary>
    /// <exception cref="ArgumentException">It is longer.</exception>
    public string Reason
    {
        get;
        init
        {
            ClosePayload.ThrowIfNotSendable(CloseCode.GoingAway, value);
            field = value;
        }
    }
        = "the server is stopping";

    /// <summary>
    /// The time over which the closes are spread evenly, so that the clients do not all come back at the same moment. At most 10 ms for each connection are
    /// used of it: a few do not wait. Sessions are told at its beginning; one that returns then, or sends with its cancelled token, is closed then. Default: none, all at once. Range: up to 24 days.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or longer.</exception>
    public TimeSpan Window
    {
        get;
        init => field = value >= TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Window), value, "The window is a time of at most 24 days, or none.");
    }

    /// <summary>
    /// From the call until what is left is aborted, closed or not; sessions then have one second more to return. Default: <see cref="Timeout.InfiniteTimeSpan"/>, only the token that is given beside it counts.
    /// Range: from 0, to 24 days. Give it more than <see cref="Window"/> and <see cref="WebSocketServerOptions.CloseTimeout"/> together; less than the window is refused.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or longer.</exception>
    public TimeSpan Timeout
    {
        get;
        init => field = (value >= TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue) || value == System.Threading.Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Timeout), value, "The timeout is a time of at most 24 days, or Timeout.InfiniteTimeSpan for none.");
    }
        = System.Threading.Timeout.InfiniteTimeSpan;
}
