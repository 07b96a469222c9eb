using RawWs.Connections;

namespace RawWs.Rooms;

/// <summary>
/// How much the histories of all rooms of a server may hold together. When it is used up, rooms that nobody is in go first; then each message that is to be kept
/// takes the place of older ones of its own room.
/// </summary>
/// <remarks>Thread-safe. A message that several rooms keep counts in each of them.</remarks>
internal sealed class HistoryBudget(long maxMemory)
{
    private long _taken;

    /// <summary>Bytes that are held at this moment.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Whether more is held than may be.</summary>
    public bool IsExceeded => Taken > maxMemory;

    /// <summary>Whether there is no place for a message without another going.</summary>
    public bool IsFullFor(PreparedMessage message) => Taken + CostOf(message) > maxMemory;

    /// <summary>Whether there would be a place for a message if no other were held.</summary>
    public bool CanEverHold(PreparedMessage message) => CostOf(message) <= maxMemory;

    public void Take(PreparedMessage message) => Interlocked.Add(ref _taken, CostOf(message));

    public void Return(PreparedMessage message) => Interlocked.Add(ref _taken, -CostOf(message));

    private static long CostOf(PreparedMessage message) => message.Payload.Length + SendBudget.FrameCost;
}
