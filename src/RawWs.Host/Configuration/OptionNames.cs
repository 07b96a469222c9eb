using System.CommandLine;
using System.CommandLine.Help;

namespace RawWs.Host;

/// <summary>What an option is called outside of the command line, and what that may say.</summary>
internal static class OptionNames
{
    /// <summary>What the names of all variables begin with.</summary>
    public const string VariablePrefix = "RAWWS_";

    private const string FlagPrefix = "--";

    // A file with a key or a password in it is not a secret; its name says that it is a file, or nothing of the kind.
    private static readonly string[] SecretEndings = ["token", "password", "secret"];

    extension(Option option)
    {
        /// <summary>Its key in the file: max-rooms for --max-rooms.</summary>
        public string Key => option.Name[FlagPrefix.Length..];

        /// <summary>Its variable: RAWWS_MAX_ROOMS for --max-rooms.</summary>
        public string Variable => VariablePrefix + option.Key.Replace('-', '_').ToUpperInvariant();

        /// <summary>Whether it may be given several times.</summary>
        public bool TakesSeveral => option.Arity.MaximumNumberOfValues > 1;

        /// <summary>Whether its value is nobody's business: its name ends in token, password or secret.</summary>
        public bool IsSecret => SecretEndings.Any(ending => option.Key.EndsWith(ending, StringComparison.Ordinal));

        /// <summary>Whether it says what the server does; help and version only say what to print.</summary>
        public bool IsSetting => option is not (HelpOption or VersionOption);
    }
}
