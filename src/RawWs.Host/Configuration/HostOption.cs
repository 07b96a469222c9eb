using System.CommandLine;

namespace RawWs.Host;

/// <summary>
/// An option that says what applies without it. Any option of the command is a flag, a key of the file, a variable, a line of the help and a word of the
/// completion by being added to the command, whether it says so or not.
/// </summary>
/// <param name="name">Its name as a flag.</param>
internal sealed class HostOption<T>(string name) : Option<T>(name), IDefaulting, IRedacting
{
    /// <inheritdoc/>
    public string? Default { get; init; }

    /// <inheritdoc/>
    public Func<string, string>? Shown { get; init; }

    /// <summary>What the completion of a shell offers for it, in place of the names that its type may have.</summary>
    public IEnumerable<string> Words
    {
        init
        {
            CompletionSources.Clear();
            CompletionSources.Add([.. value]);
        }
    }
}
