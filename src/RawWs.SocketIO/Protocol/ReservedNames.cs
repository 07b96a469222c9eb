namespace RawWs.SocketIO.Protocol;

/// <summary>The names that events must not have, for clients keep them for what they tell of themselves.</summary>
internal static class ReservedNames
{
    /// <summary>Whether it is one of them.</summary>
    public static bool Contains(string eventName)
        => eventName is "connect" or "connect_error" or "disconnect" or "disconnecting" or "newListener" or "removeListener";
}
