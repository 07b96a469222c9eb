namespace RawWs.Rooms;

/// <summary>The last messages of a room, limited in number and in bytes, and with those of all other rooms by a budget.</summary>
/// <remarks>Not thread-safe: the room's lock guards it.</remarks>
internal sealed class RoomHistory(int maxCount, long maxSize, HistoryBudget budget)
{
    private readonly Queue<PreparedMessage> _messages = new();
    private long _size;

    public bool IsEmpty => _messages.Count == 0;

    /// <summary>Keeps a message, and lets older ones go for it. One that is too large by itself is not kept: nobody's words go for it.</summary>
    public void Add(PreparedMessage message)
    {
        if (message.Payload.Length > maxSize || !budget.CanEverHold(message))
            return;

        _messages.Enqueue(message);
        _size += message.Payload.Length;
        budget.Take(message);
        while (_messages.Count > maxCount || _size > maxSize || (budget.IsExceeded && _messages.Count > 0))
            DropOldest();
    }

    /// <summary>Lets all messages go.</summary>
    public void Clear()
    {
        while (_messages.Count > 0)
            DropOldest();
    }

    /// <summary>The messages, the oldest first.</summary>
    public PreparedMessage[] ToArray() => [.. _messages];

    private void DropOldest()
    {
        var oldest = _messages.Dequeue();
        _size -= oldest.Payload.Length;
        budget.Return(oldest);
    }
}
