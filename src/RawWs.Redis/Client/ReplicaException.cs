namespace RawWs.Redis.Client;

/// <summary>The server is a replica: it takes no writes, and what is published there is not heard on its primary. An address that follows the primary leads elsewhere by now, or will.</summary>
internal sealed class ReplicaException(string message) : IOException(message)
{
}
