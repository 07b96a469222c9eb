namespace RawWs;

/// <summary>What became of a broadcast on this node, by the time the call returned.</summary>
/// <param name="Recipients">How many connections it was for; those that are closing do not count.</param>
/// <param name="Dropped">For how many of them it was dropped because they read too slowly. The others have been sent it, or it waits for them.</param>
public readonly record struct BroadcastResult(int Recipients, int Dropped);
