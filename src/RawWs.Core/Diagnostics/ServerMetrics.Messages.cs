using System.Diagnostics.Metrics;
using RawWs.Protocol;

namespace RawWs.Diagnostics;

// What passes through connections. Of what is to be sent: published = sent + dropped + what still waits, exactly. It is counted from the start, whether or not
// anybody listens: each message is, so that asking whether somebody does would cost as much.
internal sealed partial class ServerMetrics : IReceiveObserver
{
    private static readonly Opcode[] Opcodes = [Opcode.Continuation, Opcode.Text, Opcode.Binary, Opcode.Close, Opcode.Ping, Opcode.Pong];

    private static readonly KeyValuePair<string, object?> Transmit = new("network.io.direction", "transmit");
    private static readonly KeyValuePair<string, object?> Receive = new("network.io.direction", "receive");

    private readonly MessageCounters _counters = new();

    /// <summary>Messages are to be sent to one connection each: directly, or as its part of a broadcast.</summary>
    public void MessagesPublished(int count) => _counters.Published(count);

    /// <summary>The network has taken messages, each in one frame, some of which have not been counted as published.</summary>
    public void MessagesSent(Opcode opcode, int count, long payloadLength, int publishedCount = 0)
    {
        if (count > 0)
            _counters.Sent(opcode, frames: count, payloadLength, messages: count, publishedCount);
        else if (publishedCount > 0)
            _counters.Published(publishedCount);
    }

    /// <summary>The network has taken frames that are no message of their own: control frames, or fragments.</summary>
    public void FramesSent(Opcode opcode, int count, long payloadLength) => _counters.Sent(opcode, count, payloadLength, messages: 0);

    /// <summary>The network has taken the last fragment of a message.</summary>
    public void FragmentedMessageSent(Opcode opcode) => _counters.Sent(opcode, frames: 0, payloadBytes: 0, messages: 1);

    /// <inheritdoc/>
    public void FrameReceived(Opcode opcode, long payloadLength) => _counters.Received(opcode, frames: 1, payloadLength, messages: 0);

    /// <inheritdoc/>
    public void MessageReceived(MessageType type) => _counters.Received((Opcode)type, frames: 0, payloadBytes: 0, messages: 1);

    /// <inheritdoc/>
    public void WholeMessageReceived(MessageType type, int payloadLength) => _counters.Received((Opcode)type, frames: 1, payloadLength, messages: 1);

    /// <summary>Messages that were published will not be sent.</summary>
    public void MessagesDropped(DropReason reason, int count)
    {
        if (count > 0)
            _counters.Dropped(reason, count);
    }

    private void CreateMessageInstruments()
    {
        _meter.CreateObservableCounter(
            "rawws.messages", () => Measure(static passed => passed.Messages, TypeOf), "{message}", "Messages that the network has taken, or that have arrived whole.");
        _meter.CreateObservableCounter(
            "rawws.frames", () => Measure(static passed => passed.Frames, NameOf), "{frame}", "Frames that the network has taken, or that have arrived.");
        _meter.CreateObservableCounter(
            "rawws.frame.payload", () => Measure(static passed => passed.PayloadBytes, NameOf), "By", "Payloads of frames, as they are on the wire.");
        _meter.CreateObservableCounter(
            "rawws.messages.published",
            () => _counters.Sum().Published,
            "{message}",
            "Messages that were to be sent, for each of their recipients: sent, dropped, or still waiting.");
        _meter.CreateObservableCounter("rawws.messages.dropped", MeasureDropped, "{message}", "Messages that were published and not sent.");
    }

    /// <summary>What there is of something, in both directions and for each opcode.</summary>
    private List<Measurement<long>> Measure(Func<MessageCounts.OfOpcode, long> count, Func<Opcode, KeyValuePair<string, object?>> tag)
    {
        var sum = _counters.Sum();
        var measurements = new List<Measurement<long>>();
        foreach (var opcode in Opcodes)
        {
            AddTo(measurements, count(sum.Received[(int)opcode]), Receive, tag(opcode));
            AddTo(measurements, count(sum.Sent[(int)opcode]), Transmit, tag(opcode));
        }

        return measurements;
    }

    private List<Measurement<long>> MeasureDropped()
    {
        var sum = _counters.Sum();
        var measurements = new List<Measurement<long>>();
        foreach (var reason in Enum.GetValues<DropReason>())
            AddTo(measurements, sum.Dropped[(int)reason], new KeyValuePair<string, object?>("rawws.drop.reason", NameOf(reason)));

        return measurements;
    }

    // What has not happened is no series.
    private static void AddTo(List<Measurement<long>> measurements, long value, params KeyValuePair<string, object?>[] tags)
    {
        if (value > 0)
            measurements.Add(new Measurement<long>(value, tags));
    }

    private static KeyValuePair<string, object?> TypeOf(Opcode opcode) => new("rawws.message.type", opcode == Opcode.Text ? "text" : "binary");

    private static KeyValuePair<string, object?> NameOf(Opcode opcode) => new("rawws.frame.opcode", opcode switch
    {
        Opcode.Continuation => "continuation",
        Opcode.Text => "text",
        Opcode.Binary => "binary",
        Opcode.Close => "close",
        Opcode.Ping => "ping",
        _ => "pong",
    });

    private static string NameOf(DropReason reason) => reason switch
    {
        DropReason.Newest => "newest",
        DropReason.Oldest => "oldest",
        DropReason.Conflated => "conflated",
        DropReason.Disconnected => "disconnected",
        DropReason.Ceiling => "ceiling",
        DropReason.Cancelled => "cancelled",
        _ => "closed",
    };
}
