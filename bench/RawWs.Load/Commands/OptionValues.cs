using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace RawWs.Load;

/// <summary>Options that several commands have. A value that is wrong adds an error that says what to write instead.</summary>
internal static class OptionValues
{
    public static Option<int> Count(string name, int defaultValue, string description) => new(name)
    {
        Description = description,
        HelpName = "COUNT",
        DefaultValueFactory = _ => defaultValue,
        CustomParser = argument => int.TryParse(ValueOf(argument), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : Refuse<int>(argument, $"{name} takes a number from 1, such as {defaultValue}; '{ValueOf(argument)}' is none."),
    };

    public static Option<double> Duration(string name, double defaultValue, string description) => new(name)
    {
        Description = description,
        HelpName = name.TrimStart('-').ToUpperInvariant(),
        DefaultValueFactory = _ => defaultValue,
        CustomParser = argument => double.TryParse(ValueOf(argument), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 100_000
            ? value
            : Refuse<double>(argument, string.Create(CultureInfo.InvariantCulture, $"{name} takes a number above 0, such as {defaultValue} or 0.5; '{ValueOf(argument)}' is none.")),
    };

    public static Uri? Url(ArgumentResult argument)
        => Uri.TryCreate(ValueOf(argument), UriKind.Absolute, out var url) && url.Scheme == "ws"
            ? url
            : Refuse<Uri>(argument, $"'{ValueOf(argument)}' is no such address; write it as ws://127.0.0.1:3000/echo.");

    public static Uri? SecureUrl(ArgumentResult argument)
        => Uri.TryCreate(ValueOf(argument), UriKind.Absolute, out var url) && url.Scheme == "wss" && url.IsLoopback
            ? url
            : Refuse<Uri>(argument, $"'{ValueOf(argument)}' is no such address on this machine; write it as wss://localhost:3000/echo.");

    /// <summary>An address of this machine: nobody else is loaded from here.</summary>
    public static IPEndPoint? LoopbackServer(ArgumentResult argument)
    {
        if (Url(argument) is not { } url)
            return null;

        var host = url.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(url.DnsSafeHost, out var address) ? address : null;
        return host is not null && IPAddress.IsLoopback(host)
            ? new IPEndPoint(host, url.Port)
            : Refuse<IPEndPoint>(argument, $"--url takes a server on this machine, such as ws://127.0.0.1:3000; '{ValueOf(argument)}' is elsewhere.");
    }

    private static string ValueOf(ArgumentResult argument) => argument.Tokens[0].Value;

    private static T? Refuse<T>(ArgumentResult argument, string message)
    {
        argument.AddError(message);
        return default;
    }
}
