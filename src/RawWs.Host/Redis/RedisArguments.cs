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
    /// <returns>Null if there are no other nodes.</returns>
    public RedisBackplaneMode? ModeOf(CommandResult result) => result.GetValue(_address) is null ? null : result.GetValue(_mode) ?? RedisBackplaneMode.PubSub;

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
        switch (argument.Tokens[0].Value.ToLowerInvariant())
        {
            case "pubsub":
                return RedisBackplaneMode.PubSub;
            case "sharded":
                return RedisBackplaneMode.Sharded;
            case "streams":
                return RedisBackplaneMode.Streams;
            default:
                argument.AddError($"--redis-mode takes pubsub, sharded or streams; '{argument.Tokens[0].Value}' is none of them.");
                return null;
        }
    }
}
