using System.Globalization;
using System.Text.RegularExpressions;

namespace RawWs.Samples.Tests;

public sealed partial class LargeMessagesTests
{
    private const long Size = 256L << 20;

    // The runtime is resident as well; but a message that were held once would be more than this by itself.
    private const long MaxResident = 200L << 20;

    [Fact]
    public async Task A_message_goes_both_ways_intact_in_a_fraction_of_its_size()
    {
        var (exitCode, output) = await SampleProcess.RunAsync("LargeMessages", "--demo", Size.ToString(CultureInfo.InvariantCulture));

        Assert.Equal((0, 2), (exitCode, output.Split("intact").Length - 1));
        var memory = MemoryPattern().Match(output);
        Assert.InRange(long.Parse(memory.Groups[1].ValueSpan, CultureInfo.InvariantCulture), 1, Size / 8);
        Assert.InRange(long.Parse(memory.Groups[2].ValueSpan, CultureInfo.InvariantCulture), 1, MaxResident);
    }

    [GeneratedRegex("allocated: ([0-9]+) bytes; peak of resident memory: ([0-9]+) bytes")]
    private static partial Regex MemoryPattern();
}
