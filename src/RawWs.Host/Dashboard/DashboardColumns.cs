namespace RawWs.Host;

/// <summary>What the numbers of a point are. Those that are called totals only ever grow: what happens in a second is their difference.</summary>
internal static class DashboardColumns
{
    private static readonly (string Name, Func<MetricReadings, double> Read)[] All =
    [
        ("open", readings => readings.Sum("rawws.connections.current", ("rawws.connection.state", "open"))),
        ("handshake", readings => readings.Sum("rawws.connections.current", ("rawws.connection.state", "handshake"))),
        ("closing", readings => readings.Sum("rawws.connections.current", ("rawws.connection.state", "closing"))),
        ("refused", readings => readings.Sum("rawws.connections.current", ("rawws.connection.state", "refused"))),
        ("openedTotal", readings => readings.Sum("rawws.connections.opened")),
        ("closedTotal", readings => readings.Sum("rawws.connections.closed")),
        ("refusalsTotal", readings => readings.Sum("rawws.refusals")),
        ("receivedTotal", readings => readings.Sum("rawws.messages", ("network.io.direction", "receive"))),
        ("sentTotal", readings => readings.Sum("rawws.messages", ("network.io.direction", "transmit"))),
        ("droppedTotal", readings => readings.Sum("rawws.messages.dropped")),
        ("receivedBytesTotal", readings => readings.Sum("rawws.frame.payload", ("network.io.direction", "receive"))),
        ("sentBytesTotal", readings => readings.Sum("rawws.frame.payload", ("network.io.direction", "transmit"))),
        ("queuedConnections", readings => readings.Sum("rawws.send_queue.connections")),
        ("queuedMessages", readings => readings.Sum("rawws.send_queue.messages")),
        ("queuedBytes", readings => readings.Sum("rawws.send_queue.size")),
        ("rooms", readings => readings.Sum("rawws.rooms")),
        ("memberships", readings => readings.Sum("rawws.room.memberships")),
        ("sessionErrorsTotal", readings => readings.Sum("rawws.session.errors")),
        ("loopStallsTotal", readings => readings.Sum("rawws.loop.stalls")),
        ("cpuSecondsTotal", readings => readings.Sum("dotnet.process.cpu.time")),
        ("residentBytes", readings => readings.Sum("dotnet.process.memory.working_set")),
        ("heapBytes", readings => readings.Sum("dotnet.gc.last_collection.heap.size")),
        ("allocatedBytesTotal", readings => readings.Sum("dotnet.gc.heap.total_allocated")),
        ("gcPauseSecondsTotal", readings => readings.Sum("dotnet.gc.pause.time")),
        ("gcTotal", readings => readings.Sum("dotnet.gc.collections")),
        ("threads", readings => readings.Sum("dotnet.thread_pool.thread.count")),
    ];

    /// <summary>Their names, in the order of the numbers: the time first, in milliseconds since 1970.</summary>
    public static IReadOnlyList<string> Names { get; } = ["time", .. All.Select(column => column.Name)];

    /// <summary>Reads a point.</summary>
    public static double[] Read(MetricReadings readings, DateTimeOffset now) => [now.ToUnixTimeMilliseconds(), .. All.Select(column => column.Read(readings))];
}
