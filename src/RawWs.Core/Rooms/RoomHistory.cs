namespace RawWs.Rooms;

/// <summary>The last messages of a room, limited in number and in bytes.</summary>
/// <remarks>Not thread-safe: the room's lock guards it.</remarks>
internal sealed class RoomHistory(int maxCount, long maxSize)
{
    private readonly Queue<PreparedMessage> _messages = new();
    private long _size;

    public bool IsEmpty => _messages.Count == 0;

    public void Add(PreparedMessage message)
    {
        _messages.Enqueue(message);
        _size += message.Payload.Length;
        while (_messages.Count > maxCount || _size > maxSize)
            _size -= _messages.Dequeue().Payload.Length;
    }

    /// <summary>The messages, the oldest first.</summary>
    public PreparedMessage[] ToArray() => [.. _messages];
}
