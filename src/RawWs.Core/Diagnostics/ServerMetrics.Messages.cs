using System.Diagnostics.Metrics;
using RawWs.Protocol;

namespace RawWs.Diagnostics;

// What passes through connections. Of what is to be sent: published = sent + dropped + what still waits, exactly.
internal sealed partial class ServerMetrics
{
    private const string DirectionTag = "network.io.direction", OpcodeTag = "rawws.frame.opcode", TypeTag = "rawws.message.type";

    private static readonly KeyValuePair<string, object?> Transmit = new(DirectionTag, "transmit");
    private static readonly KeyValuePair<string, object?> Receive = new(DirectionTag, "receive");

    private Counter<long> _messages = null!; // The constructor calls CreateMessageInstruments.
    private Counter<long> _frames = null!;
    private Counter<long> _payloadBytes = null!;
    private Counter<long> _published = null!;
    private Counter<long> _dropped = null!;

    /// <summary>A message is to be sent to one connection: directly, or as its part of a broadcast.</summary>
    public void MessagesPublished(int count) => _published.Add(count);

    /// <summary>The network has taken messages, each in one frame.</summary>
    public void MessagesSent(Opcode opcode, int count, long payloadLength)
    {
        if (count > 0 && _messages.Enabled)
            _messages.Add(count, Transmit, TypeOf(opcode));

        FramesSent(opcode, count, payloadLength);
    }

    /// <summary>The network has taken frames that are no message of their own: control frames, or fragments.</summary>
    public void FramesSent(Opcode opcode, int count, long payloadLength)
    {
        if (count == 0 || !_frames.Enabled)
            return;

        _frames.Add(count, Transmit, NameOf(opcode));
        _payloadBytes.Add(payloadLength, Transmit, NameOf(opcode));
    }

    /// <summary>The network has taken the last fragment of a message.</summary>
    public void FragmentedMessageSent(Opcode opcode)
    {
        if (_messages.Enabled)
            _messages.Add(1, Transmit, TypeOf(opcode));
    }

    /// <summary>Who counts arriving frames: null while nobody listens to the instruments, so that a frame then costs no call.</summary>
    public IFrameObserver? FrameObserver => _frames.Enabled ? this : null;

    /// <summary>A frame has arrived, whole or in part.</summary>
    public void FrameReceived(Opcode opcode, long payloadLength)
    {
        if (!_frames.Enabled)
            return;

        _frames.Add(1, Receive, NameOf(opcode));
        _payloadBytes.Add(payloadLength, Receive, NameOf(opcode));
    }

    /// <summary>A message has arrived, whole, and is given to its session.</summary>
    public void MessageReceived(MessageType type)
    {
        if (_messages.Enabled)
            _messages.Add(1, Receive, TypeOf(type.ToOpcode()));
    }

    /// <summary>Messages that were published will not be sent.</summary>
    public void MessagesDropped(DropReason reason, int count)
    {
        if (count > 0 && _dropped.Enabled)
            _dropped.Add(count, new KeyValuePair<string, object?>("rawws.drop.reason", NameOf(reason)));
    }

    private void CreateMessageInstruments()
    {
        _messages = _meter.CreateCounter<long>("rawws.messages", "{message}", "Messages that the network has taken, or that have arrived whole.");
        _frames = _meter.CreateCounter<long>("rawws.frames", "{frame}", "Frames that the network has taken, or that have arrived.");
        _payloadBytes = _meter.CreateCounter<long>("rawws.frame.payload", "By", "Payloads of frames, as they are on the wire.");
        _published = _meter.CreateCounter<long>(
            "rawws.messages.published", "{message}", "Messages that were to be sent, for each of their recipients: sent, dropped, or still waiting.");
        _dropped = _meter.CreateCounter<long>("rawws.messages.dropped", "{message}", "Messages that were published and not sent.");
    }

    private static KeyValuePair<string, object?> TypeOf(Opcode opcode) => new(TypeTag, opcode == Opcode.Text ? "text" : "binary");

    private static KeyValuePair<string, object?> NameOf(Opcode opcode) => new(OpcodeTag, opcode switch
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
