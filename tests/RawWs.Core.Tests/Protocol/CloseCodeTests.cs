using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class CloseCodeTests
{
    // RFC 6455 §7.4.1 and the IANA registry, code by code, and §7.4.2's ranges.
    private static readonly int[] Registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];

    [Fact]
    public void Every_code_may_be_sent_that_is_registered_or_in_the_ranges_for_libraries_and_applications()
    {
        HashSet<int> sendable = [.. Registered, .. Enumerable.Range(3000, 2000)];

        for (var code = 0; code <= ushort.MaxValue; code++)
            Assert.True(sendable.Contains(code) == ((CloseCode)code).IsAllowedOnWire, $"{code}");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(65_536 + 1000)]
    public void Number_that_does_not_fit_two_bytes_may_not_be_sent(int code)
        => Assert.False(((CloseCode)code).IsAllowedOnWire);

    [Fact]
    public void Names_that_may_not_be_sent_are_those_that_only_applications_see()
    {
        var seenOnly = Enum.GetValues<CloseCode>().Where(code => !code.IsAllowedOnWire);

        Assert.Equal([CloseCode.None, CloseCode.NoStatusReceived, CloseCode.AbnormalClosure, CloseCode.TlsHandshake], seenOnly);
    }
}
