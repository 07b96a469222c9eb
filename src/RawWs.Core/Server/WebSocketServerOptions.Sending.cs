using RawWs.Connections;

namespace RawWs;

public sealed partial class WebSocketServerOptions
{
    /// <summary>
    /// What happens to a direct send when the connection's outgoing queue is full, unless <see cref="WebSocketConnection.SlowConsumerPolicy"/> or
    /// <see cref="SendOptions.Policy"/> says otherwise. Default: <see cref="SlowConsumerPolicy.Wait"/>.
    /// </summary>
    public SlowConsumerPolicy SendPolicy { get; set => field = value.Checked(); } = SlowConsumerPolicy.Wait;

    /// <summary>
    /// What happens to a broadcast for a member whose outgoing queue is full, unless <see cref="SendOptions.Policy"/>,
    /// <see cref="WebSocketConnection.SlowConsumerPolicy"/> or <see cref="RoomOptions.Policy"/> says otherwise. Default: <see cref="SlowConsumerPolicy.Disconnect"/>.
    /// </summary>
    public SlowConsumerPolicy BroadcastPolicy { get; set => field = value.Checked(); } = SlowConsumerPolicy.Disconnect;

    /// <summary>
    /// Bytes that may wait for one peer that reads too slowly, before its policy applies. Default 1,048,576, some seconds of a busy room. Range: from 0. A
    /// broadcast waits in one piece of memory for everybody; raise it for large messages, lower it where stale ones are worth nothing.
    /// </summary>
    public long MaxSendQueueSize { get; set => field = InRange(value, 0, long.MaxValue); } = 1 << 20;

    /// <summary>Messages that may wait for one peer that reads too slowly, before its policy applies. Default 16,384. Range: from 1.</summary>
    public int MaxSendQueueCount { get; set => field = InRange(value, 1, int.MaxValue); } = 16_384;

    /// <summary>
    /// Bytes that the outgoing queues of the whole process may hold, each message counted once in however many queues it waits. Beyond it the connections
    /// with the longest queues are closed with 1013 until the rest fits. Default 256 MiB. Range: from 1 MiB.
    /// </summary>
    public long MaxSendQueueMemory { get; set => field = InRange(value, 1 << 20, long.MaxValue); } = 256L << 20;

    /// <summary>
    /// How long a broadcast that is awaited waits for members that lag behind, together. Who has not caught up by then is not waited for any more, until it
    /// has. Default 1 s. It bounds what a peer that stands still can cost a publisher, once; raise it to lose fewer readers that are slow but alive.
    /// </summary>
    public TimeSpan PacingTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(1);
}
