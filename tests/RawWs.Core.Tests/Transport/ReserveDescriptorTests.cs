using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class ReserveDescriptorTests
{
    [Fact]
    public void It_is_given_up_and_taken_again_until_it_is_disposed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Descriptors are not limited there.");
        using var reserve = new ReserveDescriptor();
        Assert.True(reserve.TryTake());
        Assert.True(reserve.TryTake());

        reserve.Release();
        reserve.Release();
        Assert.True(reserve.TryTake());

        reserve.Dispose();
        Assert.False(reserve.TryTake());
    }

    [Fact]
    public void The_limit_is_what_the_system_says()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a file that says so.");
        var line = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));

        Assert.Equal(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], $"{InteropDescriptors.ReadLimit()}");
    }
}
