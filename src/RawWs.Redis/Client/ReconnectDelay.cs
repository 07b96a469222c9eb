using System.Security.Cryptography;

namespace RawWs.Redis.Client;

/// <summary>How long to wait before the next attempt: up to twice as long each time, and never the same for everybody.</summary>
internal sealed class ReconnectDelay(TimeSpan min, TimeSpan max)
{
    private const int Steps = 1_000;
    private TimeSpan _longest;

    /// <summary>The next one: between a half of the longest for this attempt and all of it.</summary>
    public TimeSpan Next()
    {
        var doubled = _longest == default ? min : TimeSpan.FromTicks(Math.Min(_longest.Ticks * 2, max.Ticks));
        _longest = doubled > max ? max : doubled;
        return _longest * (0.5 + (RandomNumberGenerator.GetInt32(Steps + 1) / (2.0 * Steps)));
    }

    /// <summary>The last connection was a good one.</summary>
    public void Reset() => _longest = default;
}
