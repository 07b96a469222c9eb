using RawWs.Rooms;

namespace RawWs;

public sealed partial class RoomDirectory
{
    private bool HasHandlers => Joined is not null || Left is not null || Created is not null || Emptied is not null;

    /// <summary>Code of the application's that was called for a room has thrown.</summary>
    internal void OnHandlerFailed(string room, Exception error)
    {
        _settings.Metrics.SessionFailed();
        RoomLog.HandlerFailed(_settings.Logger, room, error);
    }

    /// <summary>Sends the notice of a change, and raises its events.</summary>
    private void Tell(Announcement announcement)
    {
        var room = new Room(this, announcement.Room.Name);
        try
        {
            if (announcement.Room.Options.Notice?.Invoke(new PresenceChange(room, announcement.Member, announcement.HasJoined)) is { } notice)
                Broadcaster.Notify(announcement.Room, notice, except: announcement.Connection);
        }
        catch (Exception error)
        {
            // The top of the application's code for notices.
            OnHandlerFailed(room.Name, error);
        }

        if (announcement.HasJoined)
        {
            if (announcement.IsFirstOrLast)
                Raise(Created, room);

            Raise(Joined, room, announcement.Connection);
            return;
        }

        Raise(Left, room, announcement.Connection);
        if (announcement.IsFirstOrLast)
            Raise(Emptied, room);
    }

    private void Raise(Action<Room>? handlers, Room room)
    {
        try
        {
            handlers?.Invoke(room);
        }
        catch (Exception error)
        {
            // The top of the application's code for this event.
            OnHandlerFailed(room.Name, error);
        }
    }

    private void Raise(Action<Room, WebSocketConnection>? handlers, Room room, WebSocketConnection connection)
    {
        try
        {
            handlers?.Invoke(room, connection);
        }
        catch (Exception error)
        {
            // The top of the application's code for this event.
            OnHandlerFailed(room.Name, error);
        }
    }

}
