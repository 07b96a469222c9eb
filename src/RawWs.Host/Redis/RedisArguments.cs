using System.CommandLine;
using System.CommandLine.Parsing;
using RawWs.Redis;

namespace RawWs.Host;

/// <summary>The options of the command line that say through which Redis rooms are shared with other nodes, and how.</summary>
internal sealed class RedisArguments
{
    private readonly Option<string?> _address = new HostOption<string?>("--redis")
    {
        Description = "The Redis that rooms are shared through with other nodes: localhost:6379, redis://user:password@host:6379/0, rediss:// for TLS (?ca=FILE), or host1:6379,host2:6379 for servers of a Redis Cluster (?cluster behind one). None by default. "
            + "A password is better set by the variable, or in the file.",
        HelpName = "ADDRESS",
        CustomParser = Address,
        Shown = RedisTarget.WithoutPassword,
    };

    private readonly Option<RedisBackplaneMode?> _mode = new HostOption<RedisBackplaneMode?>("--redis-mode")
    {
        Default = "pubsub",
        Description = "How rooms and Socket.IO namespaces are shared: pubsub (the default: what is said while a node is cut off is lost to it), sharded (the same over sharded channels, since Redis 7), or "
            + "streams (it catches up).",
        HelpName = "MODE",
        CustomParser = Mode,
        Words = ["pubsub", "sharded", "streams"],
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_address);
        command.Options.Add(_mode);
    }

    /// <param name="result">One without errors.</param>
    /// <returns>Null if there are no other nodes.</returns>
    public RedisTarget? ValueOf(ParseResult result)
        => result.GetValue(_address) is { } address ? new RedisTarget(address, result.GetValue(_mode) ?? RedisBackplaneMode.PubSub) : null;

    /// <param name="result">Any, with errors or without.</param>
    /// <returns>Null if there are no other nodes, or if what is said of them has an error of its own.</returns>
    // From the words and not from the values: those that are wrong can't be asked for.
    public RedisBackplaneMode? ModeOf(CommandResult result) => (result.GetResult(_address)?.Tokens, result.GetResult(_mode)?.Tokens) switch
    {
        ([var address], var mode) when RedisOptions.TryParse(address.Value, out _, out _) => mode switch
        {
            null => RedisBackplaneMode.PubSub,
            [var name] => ModeNamed(name.Value),
            _ => null,
        },
        _ => null,
    };

    // Whatever was given is not said again: there may be a password in it.
    private static string? Address(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (RedisOptions.TryParse(text, out _, out var error))
            return text;

        argument.AddError($"--redis takes the address of a Redis. {error}");
        return null;
    }

    private static RedisBackplaneMode? Mode(ArgumentResult argument)
    {
        if (ModeNamed(argument.Tokens[0].Value) is { } mode)
            return mode;

        argument.AddError($"--redis-mode takes pubsub, sharded or streams; '{argument.Tokens[0].Value}' is none of them.");
        return null;
    }

    private static RedisBackplaneMode? ModeNamed(string text) => text.ToLowerInvariant() switch
    {
        "pubsub" => RedisBackplaneMode.PubSub,
        "sharded" => RedisBackplaneMode.Sharded,
        "streams" => RedisBackplaneMode.Streams,
        _ => null,
    };
}
