namespace RawWs.Host;

/// <summary>A client could not do what it was asked to.</summary>
/// <param name="message">What went wrong, for people. What a server said in it has been made printable.</param>
/// <param name="isFinal">Whether it will be no better when it is tried again.</param>
internal sealed class ClientFailureException(string message, bool isFinal = false) : Exception(message)
{
    public bool IsFinal => isFinal;
}
