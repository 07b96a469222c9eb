namespace RawWs.Host;

/// <summary>What the program is asked to do makes no sense.</summary>
/// <param name="message">What is wrong, where it is said, and what to say instead.</param>
internal sealed class WrongUsageException(string message) : Exception(message);
