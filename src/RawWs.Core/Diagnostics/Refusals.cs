using Microsoft.Extensions.Logging;

namespace RawWs.Diagnostics;

/// <summary>Counts refusals, and logs them so that a flood of them does not become a flood of lines.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class Refusals(ServerMetrics metrics, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly LogPace[] _paces = new LogPace[Enum.GetValues<RefusalReason>().Length];

    /// <summary>Somebody has been refused.</summary>
    public void Report(RefusalReason reason)
    {
        var name = NameOf(reason);
        metrics.Refused(name);

        bool isToBeSaid;
        long unsaid;
        lock (_gate)
        {
            isToBeSaid = _paces[(int)reason].TrySay(time, out unsaid);
        }

        if (isToBeSaid)
            LogRefused(name, unsaid);
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
        RefusalReason.ReceiveMemory => "receive_memory",
        RefusalReason.RoomsFull => "rooms_full",
        RefusalReason.RoomName => "room_name",
        _ => "control_rate",
    };

    [LoggerMessage(40, LogLevel.Warning, "Refused or closed a peer: {Reason}; {Count} others since the last such line")]
    private partial void LogRefused(string reason, long count);
}
