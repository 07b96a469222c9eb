using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace RawWs.Hosting.Configuration;

/// <summary>Applies the children of a section by a table of names, and collects all that is wrong.</summary>
/// <remarks>By tables, and not by reflection: it works where code is compiled ahead of time and trimmed, and a name that is in no table is an error instead of a setting without effect.</remarks>
internal static class Settings
{
    /// <summary>Applies each child of <paramref name="section"/>.</summary>
    /// <param name="section">What is configured.</param>
    /// <param name="target">What it is applied to; for messages.</param>
    /// <param name="apply">Applies one child; false if there is no option of its name.</param>
    /// <exception cref="OptionsValidationException">Some are wrong; all of them are named, with their whole keys.</exception>
    public static void Apply(IConfigurationSection section, Type target, Func<IConfigurationSection, bool> apply)
    {
        var failures = section.GetChildren().Select(setting => FailureOf(setting, apply)).OfType<string>().ToList();
        if (!string.IsNullOrEmpty(section.Value))
            failures.Add($"{section.Path}: This is no section of options but the value '{section.Value}'.");

        if (failures.Count > 0)
            throw new OptionsValidationException(Options.DefaultName, target, failures);
    }

    private static string? FailureOf(IConfigurationSection setting, Func<IConfigurationSection, bool> apply)
    {
        try
        {
            return apply(setting) ? null : $"{setting.Path}: there is no such option.";
        }
        catch (SettingException error)
        {
            return $"{setting.Path}: {error.Message}";
        }
        catch (ArgumentException error)
        {
            // An option's own check. What the runtime adds to its message, the name of the parameter and the value, is said by the key.
            return $"{setting.Path}: {error.Message.Split(" (Parameter '")[0]} The value is '{setting.Value}'.";
        }
    }
}
