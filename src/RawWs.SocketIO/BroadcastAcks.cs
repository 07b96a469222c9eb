namespace RawWs.SocketIO;

/// <summary>What the sockets that were asked have answered in time.</summary>
/// <param name="Values">The first value of each answer, in the order of arrival; the default if it had none.</param>
/// <param name="SocketCount">How many were asked.</param>
public sealed record BroadcastAcks<T>(IReadOnlyList<T?> Values, int SocketCount)
{
    /// <summary>Whether all have answered: none went away, and none was too late.</summary>
    public bool IsComplete => Values.Count == SocketCount;
}
