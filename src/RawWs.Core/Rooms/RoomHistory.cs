namespace RawWs.Rooms;

/// <summary>The last messages of a room, limited in number and in bytes.</summary>
/// <remarks>Not thread-safe: the room's lock guards it.</remarks>
internal sealed class RoomHistory(int maxCount, long maxSize)
{
    private readonly Queue<PreparedMessage> _messages = new();
    private long _size;

    public bool IsEmpty => _messages.Count == 0;

    /// <summary>Keeps a message, and lets older ones go for it. One that is too large by itself is not kept: nobody's words go for it.</summary>
    public void Add(PreparedMessage message)
    {
        if (message.Payload.Length > maxSize)
            return;

        _messages.Enqueue(message);
        _size += message.Payload.Length;
        while (_messages.Count > maxCount || _size > maxSize)
            _size -= _messages.Dequeue().Payload.Length;
    }

    /// <summary>The messages, the oldest first.</summary>
    public PreparedMessage[] ToArray() => [.. _messages];
}
