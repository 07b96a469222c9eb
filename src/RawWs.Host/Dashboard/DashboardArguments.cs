using System.CommandLine;
using System.CommandLine.Parsing;

namespace RawWs.Host;

/// <summary>The options of the command line that say whether there is a dashboard, and for whom.</summary>
internal sealed class DashboardArguments
{
    private readonly Option<string?> _token = new("--dashboard-token")
    {
        Description = $"What has to be known to see the dashboard at {Dashboard.Path}, from this machine too: {DashboardOptions.MinTokenLength} visible characters or more. "
            + "By default it is for browsers on this machine, without a token, and for nobody else.",
        HelpName = "TOKEN",
        CustomParser = Token,
    };

    private readonly Option<bool> _isOff = new("--no-dashboard") { Description = "No dashboard." };

    public void AddTo(Command command)
    {
        command.Options.Add(_token);
        command.Options.Add(_isOff);
        command.Validators.Add(Check);
    }

    /// <param name="result">One without errors.</param>
    public DashboardOptions ValuesOf(ParseResult result) => new() { IsEnabled = !result.GetValue(_isOff), Token = result.GetValue(_token) };

    private void Check(CommandResult result)
    {
        // From the words and not from the values: a value that is wrong by itself has its own error, and can't be asked for.
        if (OptionValues.IsOn(result, _isOff) && result.GetResult(_token) is not null)
            result.AddError("--no-dashboard and --dashboard-token exclude each other; leave one out.");
    }

    // Whatever was given is not said again: it may be a token with a slip in it.
    private static string? Token(ArgumentResult argument)
    {
        if (DashboardOptions.IsToken(argument.Tokens[0].Value))
            return argument.Tokens[0].Value;

        argument.AddError(
            $"--dashboard-token takes {DashboardOptions.MinTokenLength} to {DashboardOptions.MaxTokenLength} visible ASCII characters without spaces, such as openssl rand -hex 16 writes.");
        return null;
    }
}
