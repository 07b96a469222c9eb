namespace RawWs.Diagnostics;

/// <summary>What waits for slow readers.</summary>
/// <param name="Connections">For how many something waits.</param>
/// <param name="Messages">Messages that wait, for each connection.</param>
/// <param name="Bytes">Their bytes.</param>
internal readonly record struct QueueDepths(long Connections, long Messages, long Bytes);
