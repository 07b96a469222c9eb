using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>Something that is said to other servers. Immutable.</summary>
/// <param name="type">What it is.</param>
internal abstract class ClusterMessage(ClusterMessageType type)
{
    /// <summary>What it is.</summary>
    public ClusterMessageType Type => type;

    /// <summary>Whether there are binary values in it, which JSON has no form for.</summary>
    public virtual bool HasBinary => false;

    /// <summary>The id of the request that others are to answer; null if nobody is.</summary>
    public virtual string? RequestId => null;

    /// <summary>Writes what it is about, as one object.</summary>
    public abstract void WriteData(IBodyWriter writer);

    /// <summary>Whether any of some values is binary, or has such in it.</summary>
    protected static bool AreBinary(IReadOnlyList<EventValue> values)
    {
        foreach (var value in values)
        {
            if (value.Attachments.Count > 0)
                return true;
        }

        return false;
    }
}
