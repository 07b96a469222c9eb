using RawWs.Rooms;

namespace RawWs;

public sealed partial class RoomDirectory
{
    private bool HasHandlers => Joined is not null || Left is not null || Created is not null || Emptied is not null;

    /// <summary>Code of the application's that was called for a room has thrown.</summary>
    internal void OnHandlerFailed(string room, string handler, Exception error)
    {
        _settings.Metrics.SessionFailed();
        RoomLog.HandlerFailed(_settings.Logger, room, handler, error);
    }

    /// <summary>The backplane has lost something.</summary>
    internal void OnMessagesLost()
    {
        foreach (var handler in Delegate.EnumerateInvocationList(MessagesLost))
        {
            try
            {
                handler();
            }
            catch (Exception error)
            {
                // The top of the application's code for this event, which is about all rooms.
                OnHandlerFailed("*", nameof(MessagesLost), error);
            }
        }
    }

    /// <summary>Sends the notice of a change, and raises its events.</summary>
    private void Tell(Announcement announcement)
    {
        var room = new Room(this, announcement.Room.Name);
        if (announcement.Connection is not null && announcement.Room.Options.SharesPresence)
            Broadcaster.Backplane.PublishPresence(room.Name, announcement.Member, announcement.HasJoined);

        if (announcement.IsUpdate)
            return;

        try
        {
            if (announcement.Room.Options.Notice?.Invoke(new PresenceChange(room, announcement.Member, announcement.HasJoined)) is { } notice)
                Broadcaster.Notify(announcement.Room, notice, except: announcement.Connection);
        }
        catch (Exception error)
        {
            // The top of the application's code for notices.
            OnHandlerFailed(room.Name, nameof(RoomOptions.Notice), error);
        }

        // Events are about connections, which those of other nodes are not here.
        if (announcement.Connection is null)
            return;

        if (announcement.HasJoined)
        {
            if (announcement.IsFirstOrLast)
                Raise(Created, nameof(Created), room);

            Raise(Joined, nameof(Joined), room, announcement.Connection);
            return;
        }

        Raise(Left, nameof(Left), room, announcement.Connection);
        if (announcement.IsFirstOrLast)
            Raise(Emptied, nameof(Emptied), room);
    }

    // Each by itself: one that throws keeps no other from being called.
    private void Raise(Action<Room>? handlers, string name, Room room)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(room);
            }
            catch (Exception error)
            {
                // The top of the application's code for this event.
                OnHandlerFailed(room.Name, name, error);
            }
        }
    }

    private void Raise(Action<Room, WebSocketConnection>? handlers, string name, Room room, WebSocketConnection connection)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(room, connection);
            }
            catch (Exception error)
            {
                // The top of the application's code for this event.
                OnHandlerFailed(room.Name, name, error);
            }
        }
    }
}
