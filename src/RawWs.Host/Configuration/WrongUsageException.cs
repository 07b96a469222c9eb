namespace RawWs.Host;

/// <summary>What the program is asked to do makes no sense.</summary>
/// <param name="message">What is wrong, where it is said, and what to say instead.</param>
/// <param name="command">The command that it was asked with.</param>
internal sealed class WrongUsageException(string message, string command = "rawws") : Exception(message)
{
    /// <summary>The command whose help lists what there is to ask for.</summary>
    public string Command => command;
}
