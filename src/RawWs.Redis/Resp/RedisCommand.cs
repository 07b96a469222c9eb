using System.Text;

namespace RawWs.Redis;

/// <summary>A command for Redis: its name and its arguments.</summary>
/// <remarks>Immutable and thread-safe. The memory of arguments is not copied, and must stay as it is until the command has been answered.</remarks>
/// <example><code>
/// await redis.ExecuteAsync(new RedisCommand("SET", "greeting", "hello", "PX", 60_000));
/// </code></example>
public sealed class RedisCommand
{
    private readonly ReadOnlyMemory<byte>[] _words;

    /// <param name="name">Its name, such as <c>GET</c>; one of two words is a name and an argument.</param>
    /// <param name="arguments">Its arguments: texts, which are sent in UTF-8, whole numbers, and bytes.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public RedisCommand(string name, params ReadOnlySpan<RedisArgument> arguments)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        _words = new ReadOnlyMemory<byte>[1 + arguments.Length];
        _words[0] = Encoding.UTF8.GetBytes(name);
        for (var place = 0; place < arguments.Length; place++)
            _words[1 + place] = arguments[place].Bytes;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its arguments, as they are sent.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments => _words[1..];

    internal IReadOnlyList<ReadOnlyMemory<byte>> Words => _words;

    /// <summary>
    /// Whether the answer comes late, or not at all, or as more than one. Everything on a connection is answered in its order, so everybody else would wait for it.
    /// </summary>
    internal bool HoldsUpOthers => Name.ToUpperInvariant() switch
    {
        "SUBSCRIBE" or "PSUBSCRIBE" or "SSUBSCRIBE" or "UNSUBSCRIBE" or "PUNSUBSCRIBE" or "SUNSUBSCRIBE" or "MONITOR" or "SYNC" or "PSYNC" => true,
        "MULTI" or "EXEC" or "DISCARD" or "WATCH" or "UNWATCH" or "HELLO" or "AUTH" or "SELECT" or "RESET" or "QUIT" => true,
        "BLPOP" or "BRPOP" or "BRPOPLPUSH" or "BLMOVE" or "BLMPOP" or "BZPOPMIN" or "BZPOPMAX" or "BZMPOP" or "WAIT" or "WAITAOF" => true,
        "XREAD" or "XREADGROUP" => Arguments.TakeWhile(static word => !Ascii.EqualsIgnoreCase(word.Span, "STREAMS"u8)).Any(static word => Ascii.EqualsIgnoreCase(word.Span, "BLOCK"u8)),
        "CLIENT" => _words is [_, var subcommand, ..] && Ascii.EqualsIgnoreCase(subcommand.Span, "REPLY"u8),
        _ => false,
    };

    /// <summary>Its name: what it is about may be nobody else's affair.</summary>
    public override string ToString() => Name;
}
