using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace RawWs.Hosting.Configuration;

/// <summary>Applies the children of a section by a table of names, and collects all that is wrong.</summary>
/// <remarks>By tables, and not by reflection: it works where code is compiled ahead of time and trimmed, and a name that is in no table is an error instead of a setting without effect.</remarks>
internal static class Settings
{
    /// <summary>Applies each child of <paramref name="section"/>.</summary>
    /// <param name="section">What is configured.</param>
    /// <param name="apply">Applies one child; false if there is no option of its name.</param>
    /// <returns>What is wrong, each with its whole key.</returns>
    public static IReadOnlyList<string> Apply(IConfigurationSection section, Func<IConfigurationSection, bool> apply)
    {
        var failures = section.GetChildren().Select(setting => FailureOf(setting, apply)).OfType<string>().ToList();
        if (!string.IsNullOrEmpty(section.Value))
            failures.Add($"{section.Path}: This is no section of options but the value '{section.Value}'.");

        return failures;
    }

    /// <summary>Refuses a configuration in which something is wrong.</summary>
    /// <param name="target">What it was applied to.</param>
    /// <param name="failures">What is wrong.</param>
    /// <exception cref="OptionsValidationException">There are some; all of them are named.</exception>
    public static void ThrowIfAny(Type target, IReadOnlyList<string> failures)
    {
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
            // An option's own check. What the runtime adds to its message, the name of the parameter and the value, is said by the key; a list has no value.
            return $"{setting.Path}: {error.Message.Split(" (Parameter '")[0]}{(string.IsNullOrEmpty(setting.Value) ? "" : $" The value is '{setting.Value}'.")}";
        }
    }
}
