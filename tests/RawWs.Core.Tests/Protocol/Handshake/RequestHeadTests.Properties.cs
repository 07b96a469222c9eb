using System.Buffers;
using System.Text;
using FsCheck.Fluent;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class RequestHeadTests
{
    // Whatever a peer sends: nothing but a refusal is thrown, and the split decides nothing.
    [Fact]
    public void Any_request_with_wrong_bytes_comes_to_the_same_end_in_any_segmentation()
        => Properties.Check(Prop.ForAll(Exchanges.Mutations, Exchanges.Arrival, (mutations, arrival) =>
        {
            var wire = Exchanges.Mutate(Encoding.Latin1.GetBytes(SampleRequest.Text), mutations);
            var whole = new Segmentation([], ArrivesAtOnce: true, IsSegmented: false);

            return HeadTranscript.Of(wire, whole, HeadTranscript.Roomy)
                .SequenceEqual(HeadTranscript.Of(wire, Exchanges.Segmentation(arrival, wire.Length), HeadTranscript.Roomy));
        }));

    [Fact]
    public void Any_request_with_wrong_bytes_is_a_handshake_or_refused()
        => Properties.Check(Prop.ForAll(Exchanges.Mutations, mutations =>
        {
            using var head = new RequestHead(HeadTranscript.Roomy);
            var input = new ReadOnlySequence<byte>(Exchanges.Mutate(Encoding.Latin1.GetBytes(SampleRequest.Text), mutations));

            try
            {
                if (head.TryRead(ref input))
                {
                    OpeningHandshake.CheckRequest(head);
                    OpeningHandshake.CheckUpgrade(head);
                    OpeningHandshake.ReadSubprotocols(head);
                }

                return true;
            }
            catch (RequestRefusedException refusal)
            {
                return (int)refusal.Status is >= 400 and < 600;
            }
        }));
}
