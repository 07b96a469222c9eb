using System.Security.Cryptography;

namespace RawWs.Host;

/// <summary>
/// How long to wait before the next attempt: twice as long each time, up to half a minute, and of that a part by chance, so that clients that were cut off at the same
/// moment do not come back at the same moment.
/// </summary>
internal sealed class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5), Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _ceiling = First;

    /// <returns>Between half of what it may be by now, and all of it.</returns>
    public TimeSpan Next()
    {
        var half = (int)_ceiling.TotalMilliseconds / 2;
        _ceiling = _ceiling * 2 < Longest ? _ceiling * 2 : Longest;
        return TimeSpan.FromMilliseconds(half + RandomNumberGenerator.GetInt32(half + 1));
    }

    /// <summary>A connection has held: the next one that is lost is a new story.</summary>
    public void Reset() => _ceiling = First;
}
