using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class LoopMemoryTests : IDisposable
{
    private readonly LoopMemory _memory = new();

    // The thread of the test is the loop's, as long as nothing is awaited.
    public LoopMemoryTests() => LoopMemory.OfThread = _memory;

    public void Dispose() => LoopMemory.OfThread = null;

    [Fact]
    public void What_came_back_last_is_lent_first()
    {
        var segments = RentMany(100, 512);
        foreach (var segment in segments)
            segment.Return();

        Assert.Equal(segments.AsEnumerable().Reverse(), RentMany(100, 512));
    }

    [Theory]
    [InlineData(1, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 1024)]
    [InlineData(4096, 4096)]
    [InlineData(128 * 1024, 128 * 1024)]
    public void A_segment_has_room_for_what_is_asked_for_and_is_lent_again_for_its_size_only(int size, int segmentSize)
    {
        var segment = Rent(size);
        Assert.Equal(segmentSize, segment.Size);
        segment.Return();

        Assert.NotSame(segment, Rent(segmentSize == 512 ? 1024 : segmentSize / 2));
        Assert.Same(segment, Rent(segmentSize));
    }

    [Fact]
    public void What_is_too_large_is_not_lent() => Assert.Null(_memory.TryRent((128 * 1024) + 1));

    [Fact]
    public void What_came_back_on_another_thread_is_lent_again()
    {
        var segments = RentMany(3, 512);
        var thread = new Thread(() => segments.ForEach(static segment => segment.Return()));
        thread.Start();
        thread.Join();

        Assert.Equal(segments.ToHashSet(), RentMany(3, 512).ToHashSet());
        Assert.DoesNotContain(Rent(512), segments);
    }

    [Fact]
    public void What_nobody_needed_between_two_trimmings_goes_and_the_rest_stays()
    {
        var crowd = RentMany(1_000, 512);
        foreach (var segment in crowd)
            segment.Return();

        // All were needed since the beginning; a tenth is from here on.
        _memory.Trim();
        var needed = RentMany(100, 512);
        foreach (var segment in needed)
            segment.Return();

        _memory.Trim();
        var again = RentMany(1_000, 512);
        Assert.Equal(100, again.Count(crowd.Contains));
    }

    private List<BufferSegment> RentMany(int count, int size) => Enumerable.Range(0, count).Select(_ => Rent(size)).ToList();

    private BufferSegment Rent(int size) => _memory.TryRent(size)!; // It is not too large.
}
