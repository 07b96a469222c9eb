using Microsoft.Extensions.Logging;

namespace RawWs.Diagnostics;

/// <summary>Counts refusals, and logs them so that a flood of them does not become a flood of lines.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class Refusals(ServerMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>How often a reason is logged, at most.</summary>
    public static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Line[] _lines = new Line[Enum.GetValues<RefusalReason>().Length];

    /// <summary>Somebody has been refused.</summary>
    public void Report(RefusalReason reason)
    {
        var name = NameOf(reason);
        metrics.Refused(name);

        if (TryTakeLine(reason, out var unsaid))
            LogRefused(name, unsaid);
    }

    private bool TryTakeLine(RefusalReason reason, out long unsaid)
    {
        var now = time.GetTimestamp();
        unsaid = 0;
        lock (_gate)
        {
            ref var line = ref _lines[(int)reason];
            if (line.SaidAt is { } saidAt && time.GetElapsedTime(saidAt, now) < LogInterval)
            {
                line.UnsaidCount++;
                return false;
            }

            unsaid = line.UnsaidCount;
            line = new Line(now, 0);
            return true;
        }
    }

    private static string NameOf(RefusalReason reason) => reason switch
    {
        RefusalReason.ServerFull => "server_full",
        RefusalReason.AddressFull => "address_full",
        RefusalReason.HandshakesFull => "handshakes_full",
        RefusalReason.ConnectionRate => "connection_rate",
        RefusalReason.Draining => "draining",
        RefusalReason.RefusalsFull => "refusals_full",
        RefusalReason.DescriptorsShort => "descriptors_short",
        RefusalReason.MessageRate => "message_rate",
        RefusalReason.ByteRate => "byte_rate",
        RefusalReason.SlowReader => "slow_reader",
        RefusalReason.QueueMemory => "queue_memory",
        RefusalReason.RoomsFull => "rooms_full",
        _ => "control_rate",
    };

    [LoggerMessage(40, LogLevel.Warning, "Refused a peer: {Reason}; {Count} more since this was last said")]
    private partial void LogRefused(string reason, long count);

    private record struct Line(long? SaidAt, long UnsaidCount);
}
