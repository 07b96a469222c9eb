using System.Text.RegularExpressions;

namespace RawWs.Redis.SocketIO;

/// <summary>The channels of a namespace, as <c>@socket.io/redis-adapter</c> names them. Immutable.</summary>
/// <param name="key">What all names begin with.</param>
/// <param name="nsp">The namespace.</param>
internal sealed partial class AdapterChannels(string key, string nsp)
{
    private readonly string _broadcasts = $"{key}#{nsp}#";

    /// <summary>Where servers are asked.</summary>
    public RedisChannel Requests { get; } = new($"{key}-request#{nsp}#");

    /// <summary>Where they answer.</summary>
    public RedisChannel Responses { get; } = new($"{key}-response#{nsp}#");

    /// <summary>All channels of broadcasts.</summary>
    public RedisChannel Broadcasts => new(Special().Replace(_broadcasts, @"\$0") + "*", RedisChannelKind.Pattern);

    /// <summary>The channel of a broadcast: a room has one of its own, several share that of everybody.</summary>
    /// <param name="rooms">Each once.</param>
    public RedisChannel BroadcastsTo(IReadOnlyList<string> rooms) => new(rooms is [var room] ? $"{_broadcasts}{room}#" : _broadcasts);

    /// <summary>Where a server is answered by those that let nobody else hear it.</summary>
    public RedisChannel ResponsesTo(string uid) => new($"{Responses.Name}{uid}#");

    /// <summary>The room that a channel of broadcasts is for.</summary>
    /// <returns>Empty for that of everybody.</returns>
    public string RoomOf(string channel) => channel.Length > _broadcasts.Length ? channel[_broadcasts.Length..^1] : "";

    // What means something in a pattern of Redis.
    [GeneratedRegex(@"[*?\[\]\\^]")]
    private static partial Regex Special();
}
