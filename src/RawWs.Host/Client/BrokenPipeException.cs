namespace RawWs.Host;

/// <summary>Nobody reads any more what is printed.</summary>
/// <param name="error">How the system said so.</param>
internal sealed class BrokenPipeException(IOException error) : Exception(error.Message, error);
