using RawWs.Protocol;

namespace RawWs.Connections;

/// <summary>
/// The reserved place of control frames that can't go out at once, one for each kind, so that they neither wait behind messages nor pile up.
/// RFC 6455 §5.5.3: "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the
/// endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame."
/// </summary>
internal sealed class PendingControlFrames
{
    private byte[]? _pong;
    private byte[]? _ping;

    /// <summary>Whether none waits.</summary>
    public bool IsEmpty => _pong is null && _ping is null;

    /// <summary>Keeps a frame, in the place of an earlier one of its kind.</summary>
    public void Put(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (opcode == Opcode.Pong)
            _pong = payload.ToArray();
        else
            _ping = payload.ToArray();
    }

    /// <summary>Takes the next one out.</summary>
    public bool TryTake(out Opcode opcode, out byte[] payload)
    {
        (opcode, payload) = (Opcode.Pong, _pong!);
        if (_pong is not null)
        {
            _pong = null;
            return true;
        }

        (opcode, payload) = (Opcode.Ping, _ping!);
        _ping = null;
        return payload is not null;
    }
}
