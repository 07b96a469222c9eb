namespace RawWs.Protocol;

/// <summary>A connection does not begin with a header of the PROXY protocol, or with one that is malformed. The message is for the log.</summary>
internal sealed class ProxyHeaderException(string message) : Exception(message);
