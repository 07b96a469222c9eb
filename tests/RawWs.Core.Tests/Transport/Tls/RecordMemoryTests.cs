using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

public sealed class RecordMemoryTests
{
    [Theory]
    [InlineData("4096 10 10 10", "----")]
    [InlineData("4097 10 10 10", "--x-")]
    [InlineData("16384 4000 16384 4000 16384 4000 4000", "------x")]
    [InlineData("16384 10 10 16384 10 10", "--x--x")]
    public void What_large_records_needed_is_given_back_after_two_small_ones(string lengths, string expected)
    {
        var memory = default(RecordMemory);

        Assert.Equal(expected, string.Concat(lengths.Split(' ').Select(length => memory.IsToBeReleased(long.Parse(length, System.Globalization.CultureInfo.InvariantCulture)) ? 'x' : '-')));
    }
}
