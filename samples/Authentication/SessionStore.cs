using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace RawWs.Samples;

/// <summary>
/// Who is logged in. A ticket is 256 random bits that only the browser has; kept and looked up is its hash, so that neither a copy of the store nor the time that a
/// look-up takes tells anything of a ticket.
/// </summary>
internal sealed class SessionStore
{
    private readonly ConcurrentDictionary<string, User> _users = new();

    /// <returns>The ticket, for a cookie that is <c>HttpOnly; Secure; SameSite=Strict</c>.</returns>
    public string Begin(User user)
    {
        var ticket = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _users[HashOf(ticket)] = user;
        return ticket;
    }

    /// <returns>Who it is; null if nobody.</returns>
    public User? Find(string? ticket) => ticket is null ? null : _users.GetValueOrDefault(HashOf(ticket));

    private static string HashOf(string ticket) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(ticket)));
}
