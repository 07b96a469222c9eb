using RawWs.Connections;
using RawWs.Protocol;

namespace RawWs;

// How much the peer sends per second. All of it is called by whoever reads.
public sealed partial class WebSocketConnection
{
    private ReceiveMeter? _meter;

    // What was at hand when the last read began, what that read brought and nobody has counted, and the empty frames that have been counted.
    private long _knownLength;
    private long _freshLength;
    private long _emptyFrameCount;

    private ReceiveMeter Meter => _meter ??= new ReceiveMeter(_settings);

    /// <exception cref="ProtocolViolationException">There are too many.</exception>
    private void CountFreshBytes()
    {
        if (_freshLength == 0 || _settings.MaxByteRate is null)
            return;

        var count = _freshLength;
        _freshLength = 0;
        Meter.CountBytes(count);
    }

    /// <summary>Counts what has been received, and the empty frames on the way to it.</summary>
    /// <exception cref="ProtocolViolationException">There are too many.</exception>
    private void CountReceived(bool isReceived, in Received received)
    {
        var emptyFrames = _assembler.EmptyFrameCount - _emptyFrameCount;
        var isPing = isReceived && received.Kind == ReceivedKind.Ping;
        if (emptyFrames > 0 || isPing)
        {
            _emptyFrameCount += emptyFrames;
            CountControlFrames(emptyFrames + (isPing ? 1 : 0));
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
