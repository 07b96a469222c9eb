using static RawWs.Protocol.CloseAction;
using static RawWs.Protocol.CloseEvent;
using static RawWs.Protocol.CloseState;

namespace RawWs.Protocol;

/// <summary>The server's side of the closing handshake (RFC 6455 §7), and nothing else: no clock, no socket.</summary>
/// <remarks>Whoever owns it serialises the calls. A new one is <see cref="Open"/>.</remarks>
internal struct CloseHandshake
{
    /// <summary>Where the handshake stands.</summary>
    public CloseState State { get; private set; }

    /// <summary>Applies <paramref name="closeEvent"/> and tells the connection what it must now do.</summary>
    public CloseAction Apply(CloseEvent closeEvent)
    {
        (State, var action) = (State, closeEvent) switch
        {
            // §7.1.2 and §5.5.1: whoever receives a first close frame answers it; §7.1.1: the server then closes TCP first.
            (Open, LocalClose) => (CloseSent, SendClose),
            (Open, PeerClose) => (Draining, EchoClose | ShutdownSend),
            (CloseSent, PeerClose) => (Draining, ShutdownSend),

            // §7.1.7 Fail the WebSocket Connection: say why if we still may, then stop.
            (Open, Violation) => (Draining, SendClose | ShutdownSend),
            (CloseSent, Violation or CloseTimeout) => (Draining, ShutdownSend),

            (_, TransportClosed) => (Closed, None),

            // §1.4: after a close frame, further data is discarded; repeated closes are no-ops.
            var (state, _) => (state, None),
        };

        return action;
    }
}
