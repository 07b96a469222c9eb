using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace RawWs.Hosting.Configuration;

/// <summary>How the server stops, from the section <c>Drain</c> within its own.</summary>
internal sealed class ConfiguredDrain(IConfigurationSection section) : IConfigureOptions<DrainSettings>
{
    public const string SectionName = "Drain";

    private static readonly Dictionary<string, Func<DrainOptions, IConfigurationSection, DrainOptions>> Setters = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(DrainOptions.CloseCode)] = (drain, setting) => drain with { CloseCode = SettingValues.Code(setting) },
        [nameof(DrainOptions.Reason)] = (drain, setting) => drain with { Reason = SettingValues.Text(setting) },
        [nameof(DrainOptions.Window)] = (drain, setting) => drain with { Window = SettingValues.Time(setting) },
        [nameof(DrainOptions.Timeout)] = (drain, setting) => drain with { Timeout = SettingValues.Time(setting) },
    };

    /// <summary>Which options there are.</summary>
    internal static IReadOnlyCollection<string> Names => Setters.Keys;

    public void Configure(DrainSettings options) => Settings.ThrowIfAny(typeof(DrainOptions), Apply(options));

    /// <returns>What is wrong, each with its whole key.</returns>
    public IReadOnlyList<string> Apply(DrainSettings options)
    {
        var failures = Settings.Apply(section, setting =>
        {
            if (!Setters.TryGetValue(setting.Key, out var apply))
                return false;

            options.Options = apply(options.Options, setting);
            return true;
        });

        return DrainSettings.WhyImpossible(options.Options) is { } reason ? [.. failures, $"{section.Path}:{nameof(DrainOptions.Window)}: {reason}"] : failures;
    }
}
