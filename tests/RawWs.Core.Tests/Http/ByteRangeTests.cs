using RawWs.Http;

namespace RawWs.Tests.Http;

public sealed class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=0-4", 0, 5)]
    [InlineData("bytes=2-3", 2, 2)]
    [InlineData("bytes=2-", 2, 8)]
    [InlineData("bytes=9-", 9, 1)]
    [InlineData("bytes=0-99", 0, 10)]
    [InlineData("bytes=5-99999999999999999999999", 5, 5)]
    [InlineData("bytes=-1", 9, 1)]
    [InlineData("bytes=-10", 0, 10)]
    [InlineData("bytes=-99999999999999999999999", 0, 10)]
    [InlineData("BYTES=0-4", 0, 5)]
    public void A_range_is_cut_to_what_there_is(string value, long start, long length) => Assert.Equal(new ByteRange(start, length), ByteRange.Read(value, 10));

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-20")]
    [InlineData("bytes=99999999999999999999999-")]
    [InlineData("bytes=-0")]
    public void A_range_behind_the_end_can_not_be_satisfied(string value) => Assert.False(ByteRange.Read(value, 10)!.Value.IsSatisfiable);

    [Theory]
    [InlineData("bytes=0-")]
    [InlineData("bytes=-1")]
    public void Of_nothing_there_is_no_part(string value) => Assert.False(ByteRange.Read(value, 0)!.Value.IsSatisfiable);

    [Theory]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=5")]
    [InlineData("bytes=4-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=0x1-2")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1--2")]
    [InlineData("bytes= 1-2")]
    [InlineData("bytes=1 -2")]
    [InlineData("bytes=1-2 ")]
    [InlineData("lines=1-2")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=0-,0-,0-,0-,0-,0-")]
    public void What_is_malformed_or_several_is_ignored(string value) => Assert.Null(ByteRange.Read(value, 10));
}
