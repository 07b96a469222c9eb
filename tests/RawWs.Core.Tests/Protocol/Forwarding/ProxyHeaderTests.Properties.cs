using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public sealed partial class ProxyHeaderTests
{
    // Headers that are right, some bytes of which are changed, and anything.
    private static Arbitrary<byte[]> Headers { get; } = Gen.OneOf(
        Gen.Elements(Version1.Select(row => Encoding.Latin1.GetBytes(row.Data.Item1)).ToArray()),
        Gen.Elements(Version2.Select(row => Hex.Bytes(row.Data.Item1)).ToArray()),
        Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>())).ToArbitrary();

    [Fact]
    public void Any_bytes_have_one_outcome_in_any_segmentation()
        => Properties.Check(Prop.ForAll(Headers, Exchanges.Mutations, Exchanges.Arrival, (header, mutations, arrival) =>
        {
            var bytes = Exchanges.Mutate([.. header, .. Hex.Bytes(Behind)], mutations);
            var whole = Read(bytes, new Segmentation([], ArrivesAtOnce: true, IsSegmented: false));
            return whole == Read(bytes, Exchanges.Segmentation(arrival, bytes.Length));
        }));

    // Nobody waits for more than a header may have.
    [Fact]
    public void Bytes_that_are_no_header_are_not_waited_for()
        => Properties.Check(Prop.ForAll(Headers, Exchanges.Mutations, (header, mutations) =>
        {
            byte[] bytes = [.. Exchanges.Mutate([.. header], mutations), .. new byte[ProxyHeader.MaxBinaryLength]];
            return Read(bytes, new Segmentation([], ArrivesAtOnce: true, IsSegmented: false)) != Unfinished;
        }));
}
