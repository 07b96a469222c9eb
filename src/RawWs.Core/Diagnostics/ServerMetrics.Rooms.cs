using System.Diagnostics.Metrics;

namespace RawWs.Diagnostics;

// Rooms and broadcasts.
internal sealed partial class ServerMetrics
{
    private UpDownCounter<long> _rooms = null!; // The constructor calls CreateRoomInstruments.
    private UpDownCounter<long> _memberships = null!;
    private Histogram<long> _broadcastRecipients = null!;
    private Histogram<double> _broadcastDuration = null!;
    private Counter<long> _backplaneErrors = null!;
    private Counter<long> _backplaneLosses = null!;

    /// <summary>Whether anybody wants to know how long broadcasts take.</summary>
    public bool IsTimingBroadcasts => _broadcastDuration.Enabled;

    public void RoomCountChanged(int change) => _rooms.Add(change);

    public void MembershipChanged(int change) => _memberships.Add(change);

    /// <summary>A broadcast has been handed to all its recipients here.</summary>
    public void BroadcastDelivered(int recipients, TimeSpan duration)
    {
        _broadcastRecipients.Record(recipients);
        if (duration != default)
            _broadcastDuration.Record(duration.TotalSeconds);
    }

    public void BackplaneFailed() => _backplaneErrors.Add(1);

    public void BackplaneLost() => _backplaneLosses.Add(1);

    private void CreateRoomInstruments()
    {
        _rooms = _meter.CreateUpDownCounter<long>("rawws.rooms", "{room}", "Rooms that have a member or a history.");
        _memberships = _meter.CreateUpDownCounter<long>("rawws.room.memberships", "{membership}", "Members of all rooms together.");
        _broadcastRecipients = _meter.CreateHistogram<long>("rawws.broadcast.recipients", "{connection}", "How many connections of this node a broadcast was for.");
        _broadcastDuration = _meter.CreateHistogram<double>("rawws.broadcast.duration", "s", "How long it took to hand a broadcast to all its recipients here.");
        _backplaneErrors = _meter.CreateCounter<long>("rawws.backplane.errors", "{error}", "Failures of the backplane.");
        _backplaneLosses = _meter.CreateCounter<long>("rawws.backplane.losses", "{gap}", "Gaps in what other nodes have published, as far as the backplane knows of them.");
    }
}
