using RawWs.Compression;
using RawWs.Protocol;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Compression;

public class DeflateNegotiationTests
{
    private const string Deflate = "permessage-deflate";
    private const string Neither = "; server_no_context_takeover; client_no_context_takeover";

    // RFC 7692 §7.1, the four parameters alone and together. Dedicated adds nothing of its own to what the client wants.
    [Theory]
    [InlineData("", "")]
    [InlineData("; server_no_context_takeover", "; server_no_context_takeover")]
    [InlineData("; client_no_context_takeover", "; client_no_context_takeover")]
    [InlineData("; client_no_context_takeover; server_no_context_takeover", Neither)]
    [InlineData("; client_max_window_bits", "")]
    [InlineData("; client_max_window_bits=15", "")]
    [InlineData("; client_max_window_bits=14", "; client_max_window_bits=14")]
    [InlineData("; client_max_window_bits=10", "; client_max_window_bits=10")]
    [InlineData("; client_max_window_bits=9", "; client_max_window_bits=9")]
    [InlineData("; client_max_window_bits=8", "; client_max_window_bits=8")]
    [InlineData("; server_max_window_bits=15", "; server_max_window_bits=15")]
    [InlineData("; server_max_window_bits=14", "; server_max_window_bits=14")]
    [InlineData("; server_max_window_bits=9", "; server_max_window_bits=9")]
    [InlineData("; client_max_window_bits=\"12\"; server_max_window_bits=\"11\"", "; server_max_window_bits=11; client_max_window_bits=12")]
    [InlineData("; SERVER_no_Context_takeover", "; server_no_context_takeover")]
    [InlineData(
        "; client_max_window_bits=8; server_max_window_bits=9; client_no_context_takeover; server_no_context_takeover",
        Neither + "; server_max_window_bits=9; client_max_window_bits=8")]
    public void Offer_is_answered_exactly(string parameters, string expected)
        => Assert.Equal(Deflate + expected, Answer(Deflate + parameters, CompressionMode.Dedicated));

    [Theory]
    [InlineData("", Neither)]
    [InlineData("; server_no_context_takeover", Neither)]
    [InlineData("; client_max_window_bits", Neither)]
    [InlineData("; server_max_window_bits=15", Neither + "; server_max_window_bits=15")]
    [InlineData("; server_max_window_bits=12; client_max_window_bits=8", Neither + "; server_max_window_bits=12; client_max_window_bits=8")]
    public void Shared_takes_no_context_over_either_way(string parameters, string expected)
        => Assert.Equal(Deflate + expected, Answer(Deflate + parameters, CompressionMode.Shared));

    // §7.1.2.2: the server may limit the client's window only where the client said that it understands that.
    [Theory]
    [InlineData("", 9, "; server_max_window_bits=9")]
    [InlineData("; client_max_window_bits", 9, "; server_max_window_bits=9; client_max_window_bits=9")]
    [InlineData("; client_max_window_bits", 12, "; server_max_window_bits=12; client_max_window_bits=12")]
    [InlineData("; client_max_window_bits=15", 12, "; server_max_window_bits=12; client_max_window_bits=12")]
    [InlineData("; client_max_window_bits=12", 12, "; server_max_window_bits=12; client_max_window_bits=12")]
    [InlineData("; client_max_window_bits=10", 12, "; server_max_window_bits=12; client_max_window_bits=10")]
    [InlineData("; client_max_window_bits=8", 9, "; server_max_window_bits=9; client_max_window_bits=8")]
    [InlineData("; server_max_window_bits=15", 12, "; server_max_window_bits=12")]
    [InlineData("; server_max_window_bits=10", 12, "; server_max_window_bits=10")]
    [InlineData("; server_max_window_bits=12; client_max_window_bits=11", 15, "; server_max_window_bits=12; client_max_window_bits=11")]
    public void Windows_are_no_larger_than_either_side_wants(string parameters, int largest, string expected)
        => Assert.Equal(Deflate + expected, Answer(Deflate + parameters, CompressionMode.Dedicated, largest));

    // What is answered and what is done are the same.
    [Theory]
    [InlineData("", false, false, 15, 15)]
    [InlineData("; client_max_window_bits=8; server_max_window_bits=9", false, false, 9, 8)]
    [InlineData("; server_no_context_takeover; client_max_window_bits", true, false, 15, 15)]
    [InlineData("; client_no_context_takeover; server_max_window_bits=13", false, true, 13, 15)]
    public void Parameters_say_what_the_answer_says(string parameters, bool serverForgets, bool clientForgets, int serverBits, int clientBits)
        => Assert.Equal(
            new DeflateParameters(serverForgets, clientForgets, serverBits, clientBits),
            DeflateNegotiation.Choose(OffersOf(Deflate + parameters), CompressionMode.Dedicated, 15, out _));

    [Fact]
    public void Window_that_the_client_can_not_be_told_to_limit_stays_at_15()
        => Assert.Equal(
            new DeflateParameters(false, false, 9, 15),
            DeflateNegotiation.Choose(OffersOf(Deflate), CompressionMode.Dedicated, 9, out _));

    // §7.1: "A server MUST decline an extension negotiation offer ... if the negotiation offer contains ..." what stands here. CVE-2026-2229 of
    // another server: windows out of range. zlib compresses to no window of 8 bits, which makes that offer one to decline.
    public static TheoryData<string> Unacceptable => [.. UnacceptableParameters()];

    [Theory]
    [MemberData(nameof(Unacceptable))]
    public void Unacceptable_offer_is_declined(string parameters)
    {
        Assert.Equal("", Answer($"{Deflate}; {parameters}", CompressionMode.Dedicated));
        Assert.Equal("", Answer($"{Deflate}; {parameters}", CompressionMode.Shared));
        Assert.Equal("", Answer($"{Deflate}; client_no_context_takeover; {parameters}", CompressionMode.Dedicated));
    }

    [Theory]
    [MemberData(nameof(Unacceptable))]
    public void Next_offer_is_taken_in_place_of_an_unacceptable_one(string parameters)
    {
        const string Next = $"{Deflate}; server_max_window_bits=11";
        Assert.Equal(Next, Answer($"{Deflate}; {parameters}, {Next}, {Deflate}", CompressionMode.Dedicated));
        Assert.Equal(Next, Answer($"x-unknown; {parameters}, {Next}", CompressionMode.Dedicated));
    }

    [Theory]
    [InlineData("permessage-deflate; client_max_window_bits=9, permessage-deflate", "permessage-deflate; client_max_window_bits=9")]
    [InlineData("permessage-deflate, permessage-deflate; client_max_window_bits=9", "permessage-deflate")]
    [InlineData("x-webkit-deflate-frame, permessage-bzip2, PerMessage-Deflate", "permessage-deflate")]
    [InlineData("permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9")]
    public void First_acceptable_offer_is_taken(string offers, string expected) => Assert.Equal(expected, Answer(offers, CompressionMode.Dedicated));

    [Theory]
    [InlineData("")]
    [InlineData("x-webkit-deflate-frame")]
    [InlineData("permessage-deflate2")]
    [InlineData("permessage")]
    [InlineData("constructor; __proto__")]
    [InlineData("x-unknown; permessage-deflate")]
    [InlineData("x-unknown; a=permessage-deflate")]
    public void Nothing_is_answered_where_it_is_not_offered(string offers) => Assert.Equal("", Answer(offers, CompressionMode.Shared));

    [Fact]
    public void Thousand_unacceptable_offers_do_not_hide_the_good_one()
    {
        var offers = string.Join(", ", Enumerable.Repeat($"{Deflate}; server_max_window_bits=8", 1000));
        Assert.Equal(Deflate, Answer($"{offers}, {Deflate}", CompressionMode.Dedicated));
    }

    // An offer of thousands of parameters is looked at no further than the first that is wrong.
    [Fact]
    public void Offer_of_many_parameters_is_declined_at_the_first()
    {
        var offers = OffersOf($"{Deflate}; {string.Join("; ", Enumerable.Range(0, 10_000).Select(number => $"p{number}"))}");
        Assert.InRange(Allocation.Of(() => DeflateNegotiation.Choose(offers, CompressionMode.Dedicated, 15, out _)), 0, 1024);
    }

    private static IEnumerable<string> UnacceptableParameters()
    {
        string[] values =
        [
            "0", "1", "7", "16", "08", "015", "00", "+9", "-9", "9.0", "9e0", "0xA", "ten", "15x", "255", "256", "4294967305", "99999999999999999999",
            "\"16\"", "\"08\"", "\"7\"",
        ];
        foreach (var name in (string[])["server_max_window_bits", "client_max_window_bits"])
        {
            foreach (var value in values)
                yield return $"{name}={value}";

            yield return $"{name}=10; {name}=10";
            yield return $"{name}=10; {name}=11";
            yield return $"{name}=10; {name.ToUpperInvariant()}=10";
        }

        yield return "client_max_window_bits; client_max_window_bits";
        yield return "client_max_window_bits=10; client_max_window_bits";
        yield return "server_max_window_bits";
        yield return "server_max_window_bits=8";

        foreach (var name in (string[])["server_no_context_takeover", "client_no_context_takeover"])
        {
            yield return $"{name}=1";
            yield return $"{name}=true";
            yield return $"{name}=\"x\"";
            yield return $"{name}; {name}";
        }

        foreach (var name in (string[])["unknown", "constructor", "__proto__", "toString", "server_max_window_bit", "max_window_bits", "mux"])
        {
            yield return name;
            yield return $"{name}=10";
        }
    }

    private static string Answer(string offers, CompressionMode mode, int largest = 15)
    {
        var chosen = DeflateNegotiation.Choose(OffersOf(offers), mode, largest, out var response);
        Assert.Equal(chosen is null, response.Length == 0);
        return response;
    }

    private static IReadOnlyList<ExtensionOffer> OffersOf(string offers)
        => offers.Length == 0 ? [] : ExtensionHeader.Read(SampleRequest.Read($"Sec-WebSocket-Extensions: {offers}\r\n"));
}
