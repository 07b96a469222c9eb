using System.Text;
using FsCheck.Fluent;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class Utf8ValidatorTests
{
    // Bytes from the edges of the ranges are valid often enough, and almost valid more often.
    [Fact]
    public void Any_bytes_are_judged_as_the_runtime_does_in_any_segmentation()
        => Properties.Check(Prop.ForAll(Gen.ArrayOf(Gen.Elements(Edges)).ToArbitrary(), Exchanges.Arrival, (text, arrival) =>
        {
            var (failure, isComplete) = JudgeByRuntime(text);
            var segmentation = Exchanges.Segmentation(arrival, text.Length);
            var (failedArrival, isAtBoundary) = Validate(text, segmentation);

            return failure < 0
                ? (failedArrival, isAtBoundary) == (-1, isComplete)
                : failedArrival == segmentation.Arrivals(text.Length).Count(end => end <= failure);
        }));

    [Fact]
    public void Any_text_is_judged_by_vectors_as_by_the_scalar_form()
        => Properties.Check(Prop.ForAll(Exchanges.Conversation, Exchanges.Mutations, (conversation, mutations) =>
        {
            var text = Exchanges.Mutate([.. conversation.SelectMany(exchange => Encoding.UTF8.GetBytes(exchange.ToString()))], mutations);
            var (vector, scalar) = (new Utf8Validator(), new Utf8Validator());

            return vector.TryAppend(text) == scalar.TryAppendScalar(text);
        }));
}
