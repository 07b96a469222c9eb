using FsCheck;
using FsCheck.Fluent;

namespace RawWs.Tests.Protocol;

public sealed partial class ForwardedClientTests
{
    // Pieces of what is almost right: text that is right often enough, and nearly right more often.
    private static readonly string[] Pieces =
    [
        "for=", "proto=", "by=", "host=", "FOR=", "\"", "\\", "[", "]", ":", ";", ",", ", ", " ", "\t", "=", "_", "unknown", "_hidden", "6.6.6.6", "10.0.0.1", "2001:db8::6", "::ffff:", "%",
        "https", "80", "65536", "0", "é", "x",
    ];

    private static Arbitrary<string> Values { get; } = Gen.ArrayOf(Gen.Elements(Pieces)).Select(string.Concat).ToArbitrary();

    // A proxy that adds to the line that it was sent, as nginx does, and one that adds a line of its own, as HAProxy does.
    [Fact]
    public void Nothing_that_a_client_writes_into_X_Forwarded_For_changes_who_it_is()
        => Properties.Check(Prop.ForAll(Values, value =>
            Read([$"X-Forwarded-For: {value}, 203.0.113.9"]) == "203.0.113.9:0" && Read([$"X-Forwarded-For: {value}", "X-Forwarded-For: 203.0.113.9"]) == "203.0.113.9:0"));

    // Unless it takes a proxy that writes into a line without having read it: then nothing but a well-formed value may stand before it.
    [Fact]
    public void Nothing_that_a_client_writes_into_Forwarded_makes_it_somebody_else()
        => Properties.Check(Prop.ForAll(Values, value =>
            Read([$"Forwarded: {value}, for=203.0.113.9"]) is "203.0.113.9:0" or "400" && Read([$"Forwarded: {value}", "Forwarded: for=203.0.113.9"]) is "203.0.113.9:0" or "400"));

    [Fact]
    public void Nothing_that_a_client_writes_into_the_other_field_makes_it_somebody_else()
        => Properties.Check(Prop.ForAll(Values, value =>
            Read([$"X-Forwarded-For: {value}", "Forwarded: for=203.0.113.9"]) is "203.0.113.9:0" or "400"
            && Read([$"Forwarded: {value}", "X-Forwarded-For: 203.0.113.9"]) is "203.0.113.9:0" or "203.0.113.9:0 https" or "203.0.113.9:0 http" or "400"));

    // RFC 9110 §5.3: a list may be spread over lines. Where there are quotes, a comma need not end an element.
    [Fact]
    public void A_list_in_one_line_is_that_in_several()
        => Properties.Check(Prop.ForAll(Values, Values, (first, second) =>
        {
            var isQuoted = first.Contains('"', StringComparison.Ordinal);
            return Read([$"X-Forwarded-For: {first},{second}"]) == Read([$"X-Forwarded-For: {first}", $"X-Forwarded-For: {second}"])
                && (isQuoted || Read([$"Forwarded: {first},{second}"]) == Read([$"Forwarded: {first}", $"Forwarded: {second}"]));
        }));
}
