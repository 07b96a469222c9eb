namespace RawWs.Redis.Rooms;

/// <summary>Which <see cref="PresenceMessage"/> it is, as it travels.</summary>
internal enum PresenceMessageKind : byte
{
    Here = 0,
    Gone = 1,
    Changes = 2,
    Ask = 3,
    Page = 4,
    Question = 5,
    Answer = 6,
}
