using RawWs.Connections;
using RawWs.Protocol;

namespace RawWs;

// How much the peer sends per second. All of it is called by whoever reads.
public sealed partial class WebSocketConnection
{
    private ReceiveMeter? _meter;

    private ReceiveMeter Meter => _meter ??= new ReceiveMeter(_settings, _wheel);

    /// <summary>A read begins, and will bring <paramref name="length"/> bytes once more.</summary>
    private void NoteKnownBytes(long length)
    {
        if (_settings.MaxByteRate is not null)
            Meter.KnownLength = length;
    }

    /// <summary>A read has ended with <paramref name="length"/> bytes.</summary>
    private void NoteFreshBytes(long length)
    {
        if (_settings.MaxByteRate is not null)
            Meter.FreshLength = length - Meter.KnownLength;
    }

    /// <exception cref="ProtocolViolationException">There are too many.</exception>
    private void CountFreshBytes()
    {
        if (_settings.MaxByteRate is not null)
            Meter.CountFreshBytes();
    }

    /// <summary>Counts what has been received, and the empty frames on the way to it.</summary>
    /// <exception cref="ProtocolViolationException">There are too many.</exception>
    private void CountReceived(MessageAssembler assembler, bool isReceived, in Received received)
    {
        var controlFrames = assembler.EmptyFrameCount + (isReceived && received.Kind == ReceivedKind.Ping ? 1 : 0);
        if (controlFrames > 0)
        {
            assembler.EmptyFrameCount = 0;
            CountControlFrames(controlFrames);
        }

        if (isReceived && _settings.MaxMessageRate is not null && received is { EndOfMessage: true, Kind: ReceivedKind.Message or ReceivedKind.MessagePart })
            Meter.CountMessage();
    }

    private void CountControlFrames(long count)
    {
        // After our close frame a pong is on its way out, whatever it is.
        if (_settings.MaxControlFrameRate is not null && IsOpen)
            Meter.CountControlFrames(count);
    }
}
