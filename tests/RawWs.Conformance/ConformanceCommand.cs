using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;

namespace RawWs.Conformance;

/// <summary>The command line: what can be asked for, and the exit code (0 passed, 1 failed, 2 not run).</summary>
internal static class ConformanceCommand
{
    private const int NotRun = 2;

    private static readonly Argument<string> Target = new("target") { Description = "The echo server, for example ws://127.0.0.1:3000/echo" };

    private static readonly Option<string[]> Only = new("--only")
    {
        Description = "Run only these: groups (utf8), ids (ping/size-125) or patterns (deflate*). Repeat it for more.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> Exclude = new("--exclude")
    {
        Description = "Leave these out; the same forms.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Parallel = Number("--parallel", 8, 1, 256, "Cases at the same time.");

    private static readonly Option<string> Chop = new("--chop")
    {
        Description = "Cut every send into writes: none, 1 or random.",
        DefaultValueFactory = _ => "none"
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "Where random payloads, keys and cuts come from.",
        DefaultValueFactory = _ => 6455
    };

    private static readonly Option<double> Timeout = Seconds("--timeout", 10, "Longest wait for one reaction, in seconds.");

    private static readonly Option<double> SlowTimeout = Seconds("--slow-timeout", 15, "How long the cases of slow peers wait for the server to lose patience, in seconds.");

    private static readonly Option<int> MaxMessageSize = Number(
        "--max-message-size", 16 * 1024 * 1024, 4096, 1 << 28, "The largest message that the server is configured to take, in bytes.");

    private static readonly Option<FileInfo?> Html = Report("--html", "Write the report as one HTML file.");

    private static readonly Option<FileInfo?> Json = Report("--json", "Write the report as JSON.");

    private static readonly Option<bool> Strict = new("--strict") { Description = "Non-strict results fail the run too." };

    private static readonly Option<bool> List = new("--list") { Description = "Print the selected cases and what they expect, and run none." };

    public static async Task<int> RunAsync(string[] arguments)
    {
        var parsed = Create().Parse(arguments);
        var exitCode = await parsed.InvokeAsync();
        return parsed.Errors.Count > 0 ? NotRun : exitCode;
    }

    private static RootCommand Create()
    {
        var command = new RootCommand("Runs WebSocket conformance cases against an echo server (RFC 6455, RFC 7692, RFC 9112).")
        {
            Target, Only, Exclude, Parallel, Chop, Seed, Timeout, SlowTimeout, MaxMessageSize, Html, Json, Strict, List,
        };
        Target.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var uri) || uri.Scheme is not ("ws" or "wss"))
                result.AddError("The target must be a ws:// or wss:// address, for example ws://127.0.0.1:3000/echo");
        });
        Chop.AcceptOnlyFromAmong("none", "1", "random");
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<int> Number(string name, int usual, int min, int max, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => usual,
        CustomParser = argument =>
        {
            if (int.TryParse(argument.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
                return number;

            argument.AddError($"{name} takes a number from {min} to {max}, such as {usual}; '{argument.Tokens[0].Value}' is none.");
            return usual;
        },
    };

    private static Option<double> Seconds(string name, double usual, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => usual,
        CustomParser = argument =>
        {
            if (double.TryParse(argument.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400)
                return seconds;

            argument.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a number of seconds above 0, up to 86400, such as {usual} or 0.5; '{argument.Tokens[0].Value}' is none."));
            return usual;
        },
    };

    // Looked at before anything is run, which takes minutes.
    private static Option<FileInfo?> Report(string name, string description)
    {
        var option = new Option<FileInfo?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { Length: > 0 } path }] && (Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path)))))
                result.AddError($"{name} takes a file in a folder that exists; '{path}' is none.");
        });
        return option;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var options = new ConformanceOptions
        {
            Target = new Uri(arguments.GetRequiredValue(Target)),
            Only = arguments.GetValue(Only) ?? [],
            Exclude = arguments.GetValue(Exclude) ?? [],
            Parallelism = arguments.GetValue(Parallel),
            Chop = arguments.GetValue(Chop) switch { "1" => ChopMode.OneByte, "random" => ChopMode.Random, _ => ChopMode.None },
            Seed = arguments.GetValue(Seed),
            Timeout = TimeSpan.FromSeconds(arguments.GetValue(Timeout)),
            SlowTimeout = TimeSpan.FromSeconds(arguments.GetValue(SlowTimeout)),
            MaxMessageSize = arguments.GetValue(MaxMessageSize),
        };

        var cases = ConformanceRunner.Select(options);
        if (cases.Count == 0)
            return await RefuseAsync("No case matches --only and --exclude. Use --list to see the ids.");

        if (arguments.GetValue(List))
        {
            foreach (var one in cases)
                Console.WriteLine($"{one.Id}\n    {one.Title}\n    {one.Expectation}");
            return 0;
        }

        if (await WhyUnreachableAsync(options, cancellationToken) is { } why)
            return await RefuseAsync($"Cannot connect to {options.Target}: {why}. Is the server running, and is the port right?");

        var console = new ConsoleReport(cases.Count);
        var report = await ConformanceRunner.RunAsync(options, console, cancellationToken);
        ConsoleReport.Summarize(report);

        if (arguments.GetValue(Html) is { } html)
            await File.WriteAllTextAsync(html.FullName, HtmlReport.Render(report), cancellationToken);
        if (arguments.GetValue(Json) is { } json)
            await File.WriteAllTextAsync(json.FullName, JsonReport.Render(report), cancellationToken);

        return report.Passed(arguments.GetValue(Strict)) ? 0 : 1;
    }

    private static async Task<string?> WhyUnreachableAsync(ConformanceOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(options.Target.IdnHost, options.Target.Port, cancellationToken);
            return null;
        }
        catch (SocketException error)
        {
            return error.Message;
        }
    }

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync(why);
        return NotRun;
    }
}
