using System.CommandLine;

namespace RawWs.Host;

/// <summary>The command that checks what is set, and shows what applies.</summary>
internal static class ConfigCommand
{
    /// <param name="server">The command that starts the server, whose options this one takes and checks too.</param>
    /// <param name="settingsOf">What was set elsewhere than by flags.</param>
    /// <param name="warningsOf">What is to be said of it.</param>
    /// <param name="tlsOf">The files of TLS that apply, null if there are none.</param>
    public static Command Create(
        Command server, Func<IReadOnlyList<Setting>> settingsOf, Func<IReadOnlyList<string>> warningsOf, Func<ParseResult, TlsFiles?> tlsOf)
    {
        var show = new Option<bool>("--show") { Description = "Prints what applies for each option, and who says so: default, file, environment or flag." };
        var format = new HostOption<OutputFormat?>("--format") { Description = "How it is printed: plain (the default) or json.", HelpName = "FORMAT", CustomParser = OptionValues.FormatOf, Words = ["plain", "json"] };

        var command = new Command("config", "Checks flags, variables and the file, and loads what TLS is made of, without starting a server; ends with 0 if one would start with them.") { show, format };
        Option[] options = [.. server.Options.Where(option => option.IsSetting)];
        Array.ForEach(options, command.Options.Add);
        server.Validators.ForEach(command.Validators.Add);
        command.SetAction(async (result, _) =>
        {
            foreach (var warning in warningsOf())
                await Console.Error.WriteLineAsync($"rawws: {warning}");

            if (result.GetValue(show))
            {
                ShownSetting[] shown = [.. options.Select(option => ShownSetting.Of(option, result, settingsOf()))];
                await Console.Out.WriteLineAsync(result.GetValue(format) == OutputFormat.Json ? SettingsReport.ToJson(shown) : SettingsReport.ToText(shown));
            }

            return await CheckAsync(tlsOf(result));
        });
        return command;
    }

    /// <returns>The exit code, as that of a server that can't load them.</returns>
    private static async Task<int> CheckAsync(TlsFiles? files)
    {
        try
        {
            await (files?.CheckAsync() ?? Task.CompletedTask);
            return ExitCode.Success;
        }
        catch (IOException error)
        {
            await Console.Error.WriteLineAsync($"rawws: {error.Message}");
            return ExitCode.Failure;
        }
    }
}
