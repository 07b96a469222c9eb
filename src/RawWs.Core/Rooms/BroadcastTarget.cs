namespace RawWs;

/// <summary>Whom a broadcast is for: the members of a room, of several, or everybody, each once.</summary>
/// <remarks>Immutable and thread-safe. Who is meant is looked up at each broadcast.</remarks>
/// <example><code>
/// server.Rooms["lobby"].Broadcast("hello", except: connection);
/// server.Rooms["news", "sports"].Except(server.Rooms["muted"]).Broadcast(prepared);
/// await server.Everyone.BroadcastAsync("the server restarts at noon");
/// </code></example>
public class BroadcastTarget
{
    private readonly RoomDirectory _directory;

    /// <param name="directory">The server's.</param>
    /// <param name="rooms">The rooms; null for everybody.</param>
    /// <param name="exceptRooms">But not the members of these.</param>
    /// <param name="exceptConnections">And not these.</param>
    /// <param name="isLocal">Whether other nodes don't hear of it.</param>
    internal BroadcastTarget(RoomDirectory directory, string[]? rooms, string[]? exceptRooms = null, WebSocketConnection[]? exceptConnections = null, bool isLocal = false)
    {
        // A room that is named twice keeps the message once.
        Rooms = rooms is { Length: > 1 } ? [.. rooms.Distinct(StringComparer.Ordinal)] : rooms;
        (_directory, ExceptRooms, ExceptConnections, IsLocal) = (directory, exceptRooms ?? [], exceptConnections ?? [], isLocal);
    }

    /// <summary>The same on this node alone: what is broadcast is not handed to the backplane.</summary>
    public BroadcastTarget OnThisNode => new(_directory, Rooms, ExceptRooms, ExceptConnections, isLocal: true);

    internal bool IsLocal { get; }

    internal string[]? Rooms { get; }

    internal string[] ExceptRooms { get; }

    internal WebSocketConnection[] ExceptConnections { get; }

    internal bool HasNoExceptions => ExceptRooms.Length == 0 && ExceptConnections.Length == 0;

    /// <summary>The same without these connections.</summary>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    public BroadcastTarget Except(params ReadOnlySpan<WebSocketConnection> connections)
    {
        foreach (var connection in connections)
            ArgumentNullException.ThrowIfNull(connection, nameof(connections));

        return new BroadcastTarget(_directory, Rooms, ExceptRooms, [.. ExceptConnections, .. connections], IsLocal);
    }

    /// <summary>The same without the members of these rooms.</summary>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    /// <exception cref="ArgumentException">One of them belongs to another server.</exception>
    public BroadcastTarget Except(params ReadOnlySpan<Room> rooms)
    {
        var names = new List<string>(ExceptRooms);
        foreach (var room in rooms)
        {
            ArgumentNullException.ThrowIfNull(room, nameof(rooms));
            if (room._directory != _directory)
                throw new ArgumentException($"The room '{room.Name}' belongs to another server.", nameof(rooms));

            names.Add(room.Name);
        }

        return new BroadcastTarget(_directory, Rooms, [.. names], ExceptConnections, IsLocal);
    }

    /// <summary>
    /// Sends a message to everybody who is meant, and waits for nobody: it is encoded once, the network is given what it takes at once, and the rest waits in the
    /// outgoing queue of each connection, whose policy applies if it is full. What one thread broadcasts arrives everywhere in the order of the calls.
    /// </summary>
    /// <param name="message">The message; a string or a message that was received is copied.</param>
    /// <param name="except">A connection that is left out, mostly the one whose message it is.</param>
    /// <param name="options">How it is sent, where it differs from others.</param>
    /// <returns>How many it was for, and for how many it was dropped.</returns>
    /// <remarks>
    /// Whoever broadcasts faster than the members can read fills their queues, and they are treated as slow. To send as fast as they read, and no faster, use
    /// <see cref="BroadcastAsync"/>.
    /// </remarks>
    public BroadcastResult Broadcast(PreparedMessage message, WebSocketConnection? except = null, SendOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _directory.Broadcaster.Broadcast(this, message, except, options);
    }

    /// <summary>
    /// Sends a message as <see cref="Broadcast"/> does, and then waits for members whose queue is more than half full, so that a fast publisher is held to the pace
    /// of its readers: at most <see cref="WebSocketServerOptions.PacingTimeout"/>, after which whoever still lags behind is not waited for any more until it has
    /// caught up. Members whose policy is <see cref="SlowConsumerPolicy.Wait"/> are waited for in any case, until they have caught up or ended.
    /// </summary>
    /// <param name="message">The message; a string or a message that was received is copied before the call returns.</param>
    /// <param name="except">A connection that is left out, mostly the one whose message it is.</param>
    /// <param name="options">How it is sent, where it differs from others.</param>
    /// <param name="cancellationToken">Ends the waiting, when the message has been handed to everybody; if it is cancelled before the call, nothing is sent.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <returns>How many it was for, and for how many it was dropped.</returns>
    public ValueTask<BroadcastResult> BroadcastAsync(
        PreparedMessage message, WebSocketConnection? except = null, SendOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<BroadcastResult>(cancellationToken)
            : _directory.Broadcaster.BroadcastAsync(this, message, except, options, cancellationToken);
    }
}
