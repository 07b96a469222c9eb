using System.CommandLine;

namespace RawWs.Host;

/// <summary>
/// Variables whose names are those of options: <c>RAWWS_MAX_ROOMS</c> for <c>--max-rooms</c>. Where an option may be repeated, commas stand between its values.
/// One that is empty is not set.
/// </summary>
internal static class SettingsVariables
{
    /// <param name="environment">All variables of the process.</param>
    /// <param name="options">All that there are.</param>
    public static IReadOnlyList<Setting> Read(IReadOnlyDictionary<string, string> environment, IReadOnlyList<Option> options)
    {
        var settings = new List<Setting>();
        foreach (var option in options)
        {
            if (environment.GetValueOrDefault(option.Variable) is { Length: > 0 } text)
                settings.Add(new Setting(option, option.TakesSeveral ? text.Split(',', StringSplitOptions.TrimEntries) : [text], SettingSource.Environment, option.Variable));
        }

        return settings;
    }

    /// <summary>
    /// What to say of variables that look like settings and are none. They stop nobody: the variables that a system of containers makes of the name of a service
    /// begin with that name too.
    /// </summary>
    public static IReadOnlyList<string> WarningsOf(IReadOnlyDictionary<string, string> environment, IReadOnlyList<Option> options)
    {
        string[] known = [.. options.Select(option => option.Variable)];
        return
        [
            .. environment.Keys
                .Where(name => name.StartsWith(OptionNames.VariablePrefix, StringComparison.Ordinal) && !known.Contains(name))
                .Order(StringComparer.Ordinal)
                .Select(name => $"The variable {name} sets nothing; the nearest that does is {NearestName.Of(name, known)}."),
        ];
    }
}
