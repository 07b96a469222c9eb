using RawWs.Protocol;
using static RawWs.Protocol.CloseAction;
using static RawWs.Protocol.CloseEvent;
using static RawWs.Protocol.CloseState;

namespace RawWs.Tests.Protocol;

public class CloseHandshakeTests
{
    // The table again, complete: each state, what brings it about, and each event's answer.
    private static readonly Dictionary<(CloseState, CloseEvent), (CloseState, CloseAction)> Table = new()
    {
        [(Open, LocalClose)] = (CloseSent, SendClose),
        [(Open, PeerClose)] = (Draining, EchoClose | ShutdownSend),
        [(Open, Violation)] = (Draining, SendClose | ShutdownSend),
        [(Open, CloseTimeout)] = (Open, None),
        [(Open, TransportClosed)] = (Closed, None),

        [(CloseSent, LocalClose)] = (CloseSent, None),
        [(CloseSent, PeerClose)] = (Draining, ShutdownSend),
        [(CloseSent, Violation)] = (Draining, ShutdownSend),
        [(CloseSent, CloseTimeout)] = (Draining, ShutdownSend),
        [(CloseSent, TransportClosed)] = (Closed, None),

        [(Draining, LocalClose)] = (Draining, None),
        [(Draining, PeerClose)] = (Draining, None),
        [(Draining, Violation)] = (Draining, None),
        [(Draining, CloseTimeout)] = (Draining, None),
        [(Draining, TransportClosed)] = (Closed, None),

        [(Closed, LocalClose)] = (Closed, None),
        [(Closed, PeerClose)] = (Closed, None),
        [(Closed, Violation)] = (Closed, None),
        [(Closed, CloseTimeout)] = (Closed, None),
        [(Closed, TransportClosed)] = (Closed, None),
    };

    private static readonly Dictionary<CloseState, CloseEvent[]> WayTo = new()
    {
        [Open] = [],
        [CloseSent] = [LocalClose],
        [Draining] = [PeerClose],
        [Closed] = [TransportClosed],
    };

    [Fact]
    public void New_handshake_is_open() => Assert.Equal(Open, new CloseHandshake().State);

    [Fact]
    public void Every_event_in_every_state_does_what_the_table_says()
    {
        foreach (var state in Enum.GetValues<CloseState>())
        {
            foreach (var closeEvent in Enum.GetValues<CloseEvent>())
            {
                var handshake = new CloseHandshake();
                Array.ForEach(WayTo[state], step => handshake.Apply(step));
                Assert.Equal(state, handshake.State);

                var action = handshake.Apply(closeEvent);
                Assert.True(Table[(state, closeEvent)] == (handshake.State, action), $"{closeEvent} in {state}: {action}, {handshake.State}");
            }
        }
    }

    // §5.5.1: after sending a close frame "the application MUST NOT send any more data frames", and there is one close frame.
    [Fact]
    public void No_history_sends_two_close_frames_or_anything_after_the_sending_side_ended()
    {
        foreach (var history in Histories(length: 5))
        {
            var handshake = new CloseHandshake();
            var (closeFrames, hasEnded) = (0, false);

            foreach (var closeEvent in history)
            {
                var action = handshake.Apply(closeEvent);
                Assert.False(hasEnded && action != None);

                closeFrames += (action & (SendClose | EchoClose)) != 0 ? 1 : 0;
                hasEnded |= (action & ShutdownSend) != 0 || handshake.State == Closed;
            }

            Assert.InRange(closeFrames, 0, 1);
        }
    }

    private static IEnumerable<CloseEvent[]> Histories(int length)
        => length == 0
            ? [[]]
            : Histories(length - 1).SelectMany(_ => Enum.GetValues<CloseEvent>(), (history, next) => (CloseEvent[])[.. history, next]);
}
