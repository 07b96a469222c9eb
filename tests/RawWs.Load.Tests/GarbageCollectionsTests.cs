namespace RawWs.Load.Tests;

public sealed class GarbageCollectionsTests
{
    [Fact]
    public void Collections_of_all_generations_and_their_pauses_are_read()
    {
        var read = GarbageCollections.Read(
            """
            # TYPE dotnet_gc_collections_total counter
            dotnet_gc_collections_total{gc_heap_generation="gen0"} 7
            dotnet_gc_collections_total{gc_heap_generation="gen2"} 2
            dotnet_gc_pause_time_seconds_total 0.0125
            rawws_messages_total 5
            """);

        Assert.Equal(new GarbageCollections(9, TimeSpan.FromMilliseconds(12.5)), read);
        Assert.Equal("6 collections, 10.0 ms of pauses, warm-up included", read!.Value.Since(new(3, TimeSpan.FromMilliseconds(2.5))));
    }

    [Fact]
    public void A_page_that_tells_nothing_of_it_is_none() => Assert.Null(GarbageCollections.Read("rawws_messages_total 5\n"));
}
