using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace RawWs.Host;

/// <summary>
/// A JSON object whose keys are the names of options without their dashes: <c>{ "port": 8080, "host": ["localhost", "192.0.2.1"] }</c>. Numbers, texts, true and
/// false are taken, and lists of these where an option may be repeated; comments and a comma behind the last are too.
/// </summary>
internal static class SettingsFile
{
    /// <param name="path">The file.</param>
    /// <param name="options">All that there are.</param>
    /// <exception cref="WrongUsageException">It can't be read, is no such object, or has a key that is no option.</exception>
    public static IReadOnlyList<Setting> Read(string path, IReadOnlyList<Option> options)
    {
        // The whole path, because it is told to people who may not know where this program was started.
        var whole = path.Length > 0 ? Path.GetFullPath(path) : throw new WrongUsageException("--config takes the path of a file; '' is none.");
        return [.. Load(whole).GetChildren().Select(section => SettingOf(section, whole, options))];
    }

    private static IConfigurationRoot Load(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return new ConfigurationBuilder().AddJsonStream(file).Build();
        }
        catch (JsonException error)
        {
            throw new WrongUsageException($"{path} is not well-formed JSON: {Explain(error)}");
        }
        catch (FormatException error)
        {
            throw new WrongUsageException($"{path} can't be used: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WrongUsageException($"--config takes a file that can be read; {error.Message}");
        }
    }

    // The exception counts lines from 0, and says so behind its message. People and editors count from 1.
    private static string Explain(JsonException error)
    {
        var message = error.Message.Split(" LineNumber:")[0];
        return error.LineNumber is { } line ? string.Create(CultureInfo.InvariantCulture, $"line {line + 1}: {message}") : message;
    }

    private static Setting SettingOf(IConfigurationSection section, string path, IReadOnlyList<Option> options)
    {
        if (options.FirstOrDefault(option => option.Key.Equals(section.Key, StringComparison.OrdinalIgnoreCase)) is not { } option)
            throw new WrongUsageException($"{path} has a key '{section.Key}', which is no option; the nearest is '{NearestName.Of(section.Key, options.Select(option => option.Key))}'.");

        var place = $"'{section.Key}' in {path}";
        IConfigurationSection[] items = [.. section.GetChildren()];
        if (items.Any(item => !int.TryParse(item.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _) || item.Value is null))
            throw new WrongUsageException($"{option.Name} takes a value or a list of values, and no object: every key is the name of an option. It is set by {place}.");

        var values = items.Length > 0 ? items.Select(item => item.Value!) : [section.Value ?? ""]; // Looked at above.
        return new Setting(option, [.. values], SettingSource.File, place);
    }
}
