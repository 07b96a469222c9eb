using FsCheck.Fluent;

namespace RawWs.Tests.Protocol;

public partial class MessageAssemblerTests
{
    [Fact]
    public void Any_conversation_survives_any_fragmentation_and_any_segmentation()
        => Properties.Check(Prop.ForAll(Exchanges.Conversation, Exchanges.Arrival, (conversation, arrival) =>
        {
            byte[] wire = [.. conversation.SelectMany(exchange => exchange.Wire)];
            string[] expected = [.. conversation.SelectMany(exchange => exchange.Lines)];
            var segmentation = Exchanges.Segmentation(arrival, wire.Length);

            return expected.SequenceEqual(Transcript.Of(wire, segmentation, Transcript.Roomy, streaming: false))
                && expected.SequenceEqual(Transcript.Of(wire, segmentation, Transcript.Roomy, streaming: true));
        }));

    // Whatever a peer sends: nothing but a violation is thrown, no call is without progress, and the split decides nothing.
    [Fact]
    public void Any_conversation_with_wrong_bytes_comes_to_the_same_end_in_any_segmentation()
        => Properties.Check(Prop.ForAll(Exchanges.Conversation, Exchanges.Mutations, Exchanges.Arrival, (conversation, mutations, arrival) =>
        {
            var wire = Exchanges.Mutate([.. conversation.SelectMany(exchange => exchange.Wire)], mutations);
            var whole = new Segmentation([], ArrivesAtOnce: true, IsSegmented: false);
            var other = Exchanges.Segmentation(arrival, wire.Length);

            return Of(whole, streaming: false).SequenceEqual(Of(other, streaming: false))
                && Of(whole, streaming: true).SequenceEqual(Of(other, streaming: true));

            string[] Of(Segmentation segmentation, bool streaming) => Transcript.Of(wire, segmentation, Transcript.Roomy, streaming);
        }));
}
