namespace RawWs.Host;

/// <summary>Whether there is a dashboard, and for whom.</summary>
internal sealed record DashboardOptions
{
    public const int MinTokenLength = 16;
    public const int MaxTokenLength = 256;

    /// <summary>Whether there is one at all.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>What whoever wants to see it has to know; null if it is for the programs of this machine, and for nobody else.</summary>
    public string? Token { get; init; }

    /// <summary>Whether a text can be a token: 16 to 256 characters of visible ASCII, so that it can be sent in a header and not be guessed.</summary>
    public static bool IsToken(string text) => text.Length is >= MinTokenLength and <= MaxTokenLength && text.All(character => character is > ' ' and <= '~');

    // A record would tell the token to whoever writes the options to a log.
    public override string ToString() => IsEnabled ? Token is null ? "for this machine" : "with a token" : "none";
}
