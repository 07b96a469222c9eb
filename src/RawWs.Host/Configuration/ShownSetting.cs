using System.CommandLine;

namespace RawWs.Host;

/// <summary>What applies for an option, and why, as it is shown to people.</summary>
/// <param name="Key">The option, as the file names it.</param>
/// <param name="Values">Empty if it is not set and has no default.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Place">Where exactly; null for a default and for a flag.</param>
internal sealed record ShownSetting(string Key, IReadOnlyList<string> Values, SettingSource Source, string? Place)
{
    private const string Mask = "***";

    /// <param name="option">The option.</param>
    /// <param name="result">What was parsed, the settings included.</param>
    /// <param name="settings">What was set elsewhere than by flags.</param>
    public static ShownSetting Of(Option option, ParseResult result, IReadOnlyList<Setting> settings)
    {
        var shown = settings.FirstOrDefault(setting => setting.Option == option) is { } setting ? new ShownSetting(option.Key, setting.Values, setting.Source, setting.Place)
            : result.GetResult(option) is { Implicit: false } flag ? new ShownSetting(option.Key, ValuesOf(flag.Tokens), SettingSource.Flag, Place: null)
            : new ShownSetting(option.Key, option is IDefaulting { Default: { } text } ? [text] : [], SettingSource.Default, Place: null);

        if (option is IRedacting { Shown: { } show })
            return shown with { Values = [.. shown.Values.Select(show)] };

        return option.IsSecret && shown.Source != SettingSource.Default ? shown with { Values = [Mask] } : shown;
    }

    // A flag that is given without a value is meant.
    private static IReadOnlyList<string> ValuesOf(IReadOnlyList<System.CommandLine.Parsing.Token> tokens)
        => tokens.Count == 0 ? ["true"] : [.. tokens.Select(token => token.Value)];
}
