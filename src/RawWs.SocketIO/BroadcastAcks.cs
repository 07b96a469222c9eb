namespace RawWs.SocketIO;

/// <summary>What those who were asked have answered in time.</summary>
/// <param name="Values">The first value of each answer, in the order of arrival; the default if it had none.</param>
/// <param name="AskedCount">How many were asked, as far as is known: a server that did not answer may have asked more.</param>
/// <param name="IsComplete">Whether all have answered: none went away, none was too late, and every server has been heard of.</param>
public sealed record BroadcastAcks<T>(IReadOnlyList<T?> Values, int AskedCount, bool IsComplete);
