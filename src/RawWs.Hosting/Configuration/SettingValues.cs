using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Microsoft.Extensions.Configuration;

namespace RawWs.Hosting.Configuration;

/// <summary>Reads single values. One that is wrong throws a <see cref="SettingException"/> that says what to write instead.</summary>
internal static class SettingValues
{
    public static T Number<T>(IConfigurationSection setting)
        where T : IBinaryInteger<T>, IMinMaxValue<T>
        => T.TryParse(setting.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(setting, $"a whole number of at most {T.MaxValue}, without unit or separators");

    public static bool Boolean(IConfigurationSection setting) => bool.TryParse(setting.Value, out var value) ? value : throw Wrong(setting, "true or false");

    // Only with colons: the runtime takes 20 for twenty days, where most people mean seconds.
    public static TimeSpan Time(IConfigurationSection setting)
        => "infinite".Equals(setting.Value, StringComparison.OrdinalIgnoreCase) ? Timeout.InfiniteTimeSpan
            : setting.Value is { } text && text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var time) ? time
            : throw Wrong(setting, "a time such as 00:00:20, or infinite");

    // By name only: the enum's own parser takes numbers and lists too.
    public static T Name<T>(IConfigurationSection setting)
        where T : struct, Enum
        => Array.Find(Enum.GetNames<T>(), name => name.Equals(setting.Value, StringComparison.OrdinalIgnoreCase)) is { } name
            ? Enum.Parse<T>(name)
            : throw Wrong(setting, $"one of {string.Join(", ", Enum.GetNames<T>())}");

    public static CloseCode Code(IConfigurationSection setting)
        => ushort.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (CloseCode)number : Name<CloseCode>(setting);

    /// <summary>As the command <c>rawws</c> has it: without a burst, it is a second's worth.</summary>
    public static RateLimit? Rate(IConfigurationSection setting)
    {
        if ("none".Equals(setting.Value, StringComparison.OrdinalIgnoreCase))
            return null;

        var (rate, burst) = (setting.Value ?? "").Split(':') switch
        {
            [var both] => (both, both),
            [var perSecond, var atOnce] => (perSecond, atOnce),
            _ => ("", ""),
        };
        return long.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var events) && long.TryParse(burst, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? new RateLimit(events, limit)
            : throw Wrong(setting, "a number per second such as 100, with a burst behind it as 100:500 if it is to be another, or none");
    }

    /// <summary>A list, or one value in place of it. An empty list of a JSON file is an empty value here.</summary>
    public static IReadOnlyList<string> List(IConfigurationSection setting)
        => setting.Value is { Length: > 0 } single ? [single] : [.. setting.GetChildren().Select(child => child.Value ?? throw new SettingException($"the item '{child.Key}' is no text."))];

    public static IEnumerable<IPNetwork> Networks(IConfigurationSection setting) => List(setting).Select(NetworkOf);

    public static string Text(IConfigurationSection setting) => setting.Value ?? throw Wrong(setting, "text");

    // The runtime's parser drops the bits behind the prefix, and takes 10.1 for 10.0.0.1: whoever has written them may not have meant all that is trusted then.
    private static IPNetwork NetworkOf(string text)
    {
        var isNetwork = IPNetwork.TryParse(text, out var network);
        var address = isNetwork ? IPAddress.Parse(text.AsSpan(0, text.IndexOf('/', StringComparison.Ordinal))) : IPAddress.None;
        if (!isNetwork || (address.AddressFamily == AddressFamily.InterNetwork && !text.StartsWith($"{address}/", StringComparison.Ordinal)))
            throw new SettingException($"'{text}' is no network such as 10.0.0.0/8 or ::1/128.");

        return network.BaseAddress.Equals(address)
            ? network
            : throw new SettingException(
                $"'{text}' has bits behind its prefix; write {network} for all of that network, or {new IPNetwork(address, address.GetAddressBytes().Length * 8)} for the address alone.");
    }

    private static SettingException Wrong(IConfigurationSection setting, string wanted)
        => new(setting.Value is { } value ? $"'{value}' is not {wanted}." : $"This is not {wanted}.");
}
