using RawWs.Connections;

namespace RawWs.Rooms;

/// <summary>One broadcast on its way through its recipients, and what has become of it so far.</summary>
internal sealed class Delivery(PreparedMessage message, WebSocketConnection? except, bool canWait)
{
    private int _recipients;
    private int _dropped;

    public PreparedMessage Message => message;

    public BroadcastResult Result => new(_recipients, _dropped);

    /// <summary>Those whose queue is more than half full now, and whether they are to be waited for in any case; null if there are none.</summary>
    public List<(WebSocketConnection Connection, bool MustWait)>? Congested { get; private set; }

    /// <summary>Hands the message to each of these.</summary>
    /// <param name="connections">Whom.</param>
    /// <param name="options">How it is sent.</param>
    /// <param name="ofRoom">The policy of the room that they are in, null if it has none.</param>
    public void ToAll(WebSocketConnection[] connections, in SendOptions options, SlowConsumerPolicy? ofRoom)
    {
        foreach (var connection in connections)
        {
            if (connection != except)
                To(connection, options, ofRoom);
        }
    }

    /// <summary>Hands the message to those who are not in <paramref name="done"/>, and puts them there.</summary>
    /// <inheritdoc cref="ToAll"/>
    public void ToThoseNotIn(HashSet<WebSocketConnection> done, WebSocketConnection[] connections, in SendOptions options, SlowConsumerPolicy? ofRoom)
    {
        foreach (var connection in connections)
        {
            if (done.Add(connection) && connection != except)
                To(connection, options, ofRoom);
        }
    }

    private void To(WebSocketConnection connection, in SendOptions options, SlowConsumerPolicy? ofRoom)
    {
        var policy = canWait ? connection.BroadcastPolicyOf(options, ofRoom) : connection.PolicyWithoutWaiting(options, ofRoom);
        var outcome = connection.Enqueue(message, options, policy);
        if (outcome == Enqueued.Closed)
            return;

        _recipients++;
        if (outcome == Enqueued.Dropped)
            _dropped++;
        else if (outcome == Enqueued.Congested && canWait)
            (Congested ??= []).Add((connection, policy == SlowConsumerPolicy.Wait));
    }
}
