using System.CommandLine.Parsing;
using System.Globalization;

namespace RawWs.Host;

/// <summary>Reads the values of limits. A value that is wrong adds an error that says what to write instead.</summary>
internal static class LimitValues
{
    private const long MaxRate = 100_000_000_000;

    private static readonly (string Name, SlowConsumerPolicy Policy)[] Policies =
    [
        ("disconnect", SlowConsumerPolicy.Disconnect), ("drop-newest", SlowConsumerPolicy.DropNewest), ("drop-oldest", SlowConsumerPolicy.DropOldest),
        ("conflate", SlowConsumerPolicy.Conflate), ("wait", SlowConsumerPolicy.Wait),
    ];

    public static int? Count(ArgumentResult argument)
        => int.TryParse(ValueOf(argument), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : Refuse<int?>(argument, $"takes a number from 1 to {int.MaxValue}");

    public static long? QueueSize(ArgumentResult argument)
        => ByteSize.TryParse(ValueOf(argument), 1L << 40, out var size)
            ? size
            : Refuse<long?>(argument, "takes a number of bytes such as 65536, 64K or 4M, from 1 to 1024G");

    public static long? Memory(ArgumentResult argument)
        => ByteSize.TryParse(ValueOf(argument), 1L << 40, out var size) && size >= 1 << 20
            ? size
            : Refuse<long?>(argument, "takes a number of bytes such as 64M or 1G, from 1M to 1024G");

    /// <summary>How many messages a room keeps; none is a number too.</summary>
    public static int? History(ArgumentResult argument)
        => int.TryParse(ValueOf(argument), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 100_000
            ? count
            : Refuse<int?>(argument, "takes a number from 0 to 100000");

    /// <summary>RATE, RATE:BURST, or none. A burst that is not given is a second's worth.</summary>
    public static RateSetting? Rate(ArgumentResult argument)
    {
        var text = ValueOf(argument);
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
            return new RateSetting(null);

        var (rate, burst) = text.Split(':') switch
        {
            [var only] => (only, only),
            [var first, var second] => (first, second),
            _ => ("", ""),
        };

        return ByteSize.TryParse(rate, MaxRate, out var perSecond) && ByteSize.TryParse(burst, MaxRate, out var atOnce)
            ? new RateSetting(new RateLimit(perSecond, atOnce))
            : Refuse<RateSetting?>(argument, "takes a number per second such as 100 or 64K, with a burst behind it if it is to be another, 100:500, or none for any number");
    }

    public static SlowConsumerPolicy? SlowConsumer(ArgumentResult argument)
    {
        foreach (var (name, policy) in Policies)
        {
            if (name.Equals(ValueOf(argument), StringComparison.OrdinalIgnoreCase))
                return policy;
        }

        return Refuse<SlowConsumerPolicy?>(argument, "takes disconnect, drop-newest, drop-oldest, conflate or wait");
    }

    private static string ValueOf(ArgumentResult argument) => argument.Tokens[0].Value;

    private static T? Refuse<T>(ArgumentResult argument, string rule)
    {
        argument.AddError($"{((OptionResult)argument.Parent!).Option.Name} {rule}; '{ValueOf(argument)}' is none."); // The argument of an option.
        return default;
    }
}
