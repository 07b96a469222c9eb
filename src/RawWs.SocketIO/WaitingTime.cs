using System.Runtime.CompilerServices;

namespace RawWs.SocketIO;

/// <summary>The times that can be waited for.</summary>
internal static class WaitingTime
{
    // Two of them, one behind the other, are as much as timers of the runtime take.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <returns>The time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public static TimeSpan Checked(TimeSpan time, [CallerArgumentExpression(nameof(time))] string? name = null)
        => time > TimeSpan.Zero && time <= Longest ? time : throw new ArgumentOutOfRangeException(name, time, $"{name} is above 0, and at most 24 days.");
}
