using System.CommandLine;

namespace RawWs.Host;

/// <summary>An option that is set elsewhere than on the command line.</summary>
/// <param name="Option">The option.</param>
/// <param name="Values">At least one; more than one only makes sense for an option that may be repeated, and parsing says so.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Place">Where exactly: the name of a variable, or a key and its file.</param>
internal sealed record Setting(Option Option, IReadOnlyList<string> Values, SettingSource Source, string Place)
{
    /// <summary>The same said on the command line, so that whatever applies to flags applies here.</summary>
    /// <exception cref="WrongUsageException">It takes no value but yes or no, and is given another; or one of several values is empty.</exception>
    public IEnumerable<string> ToArguments()
    {
        // The parser would take the value for a word of its own, and not know whose it is.
        if (Option.ValueType == typeof(bool) && Values.FirstOrDefault(value => !bool.TryParse(value, out _)) is { } wrong)
            throw new WrongUsageException($"{Option.Name} takes true or false; '{wrong}' is neither. It is set by {Place}.");

        // Nor would it miss one among others.
        if (Values.Count > 1 && Values.Contains(""))
            throw new WrongUsageException($"{Option.Name} has {Values.Count} values, of which one is empty; leave that out. It is set by {Place}.");

        return Values.Select(value => $"{Option.Name}={value}");
    }
}
