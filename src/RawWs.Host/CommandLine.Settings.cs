using System.CommandLine;
using System.Text.RegularExpressions;

namespace RawWs.Host;

/// <summary>
/// What else sets the options: variables, and a file. Both are turned into arguments, so that there is one table of options, one parser and one way to say what is
/// wrong.
/// </summary>
internal sealed partial class CommandLine
{
    private readonly Option<string?> _configFile = new("--config")
    {
        Description = "A JSON file that sets options: keys are their names without dashes. Variables win over it (RAWWS_PORT for --port), and flags over both.",
        HelpName = "FILE",
    };

    private readonly Command _configCommand;
    private IReadOnlyList<Setting> _settings = [];
    private IReadOnlyList<string> _warnings = [];

    /// <summary>All that can be set, however it is.</summary>
    public IReadOnlyList<Option> Options => [.. _root.Options.Where(option => option.IsSetting)];

    /// <summary>Parses arguments together with what is set elsewhere: flags win over variables, and variables over the file.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="environment">All variables of the process.</param>
    /// <returns>One without errors.</returns>
    /// <exception cref="WrongUsageException">Something makes no sense, or the file can't be used.</exception>
    public ParseResult Parse(IReadOnlyList<string> args, IReadOnlyDictionary<string, string> environment)
    {
        var flags = Parse(args);
        if (TakesSettings(flags))
        {
            _settings = [.. SettingsFor(flags, environment)];
            _warnings = SettingsVariables.WarningsOf(environment, Options);
        }

        var result = Parse([.. args, .. _settings.SelectMany(setting => setting.ToArguments())]);
        var wrong = ClientArguments.AdviceOn(result) ?? (result.Errors is [var error, ..] ? Locate(error.Message) : SendCommand.AdviceOn(result));
        return wrong is null ? result : throw new WrongUsageException(wrong, NameOf(result.CommandResult.Command));
    }

    // Whoever wants to see the help, or a certificate, need not have settings that make sense.
    private bool TakesSettings(ParseResult flags)
        => flags.CommandResult.Command is var command && (command == _root || command == _configCommand) && (flags.Errors.Count > 0 || flags.Action == command.Action);

    private IEnumerable<Setting> SettingsFor(ParseResult flags, IReadOnlyDictionary<string, string> environment)
    {
        var fromVariables = SettingsVariables.Read(environment, Options);
        var file = IsGiven(flags, _configFile)
            ? flags.GetResult(_configFile) is { Tokens: [var path, ..] } ? path.Value : null
            : fromVariables.FirstOrDefault(setting => setting.Option == _configFile)?.Values[0];
        var fromFile = file is null ? [] : SettingsFile.Read(file, [.. Options.Where(option => option != _configFile)]);

        return fromVariables
            .Concat(fromFile.ExceptBy(fromVariables.Select(setting => setting.Option), setting => setting.Option))
            .Where(setting => !IsGiven(flags, setting.Option));
    }

    private static bool IsGiven(ParseResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private string NameOf(Command command) => command == _root ? "rawws" : $"rawws {command.Name}";

    // Messages name the options that they are about, in the words of the command line.
    private string Locate(string message)
    {
        var named = OptionName().Matches(message).Select(match => match.Value).ToHashSet();
        string[] places = [.. _settings.Where(setting => named.Contains(setting.Option.Name)).Select(setting => $"{setting.Option.Name} is set by {setting.Place}.")];
        return string.Join(' ', [message, .. places]);
    }

    [GeneratedRegex("--[a-z0-9-]+")]
    private static partial Regex OptionName();
}
