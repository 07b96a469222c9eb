namespace RawWs;

/// <summary>
/// What happens to a message for a connection whose outgoing queue is full, because its peer reads more slowly than we send. The queue's limits are
/// <see cref="WebSocketServerOptions.MaxSendQueueSize"/> and <see cref="WebSocketServerOptions.MaxSendQueueCount"/>. Whatever is dropped is counted.
/// </summary>
public enum SlowConsumerPolicy
{
    /// <summary>
    /// The sender waits, and nothing is lost: the default of <see cref="WebSocketServerOptions.SendPolicy"/>. A direct send waits for the network in any
    /// case, full or not. A broadcast that is awaited waits after it has served everybody; one that is not awaited can't, and disconnects.
    /// </summary>
    Wait,

    /// <summary>The message is dropped, and those that wait stay.</summary>
    DropNewest,

    /// <summary>Messages that wait are dropped, the oldest first, until there is room.</summary>
    DropOldest,

    /// <summary>
    /// A message takes the place of one that waits with the same <see cref="SendOptions.ConflationKey"/>, whether or not the queue is full: of each key a
    /// slow reader sees the newest value. No message overtakes one without a key. When the queue is full all the same, the oldest are dropped.
    /// </summary>
    Conflate,

    /// <summary>
    /// The connection is closed with 1008, and aborted after <see cref="WebSocketServerOptions.CloseTimeout"/>; what waits is dropped. The default of
    /// <see cref="WebSocketServerOptions.BroadcastPolicy"/>: a peer that has missed something knows it.
    /// </summary>
    Disconnect,
}
