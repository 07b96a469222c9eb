using RawWs.Http;

namespace RawWs.Tests.Http;

public sealed class AcceptedEncodingsTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("deflate", null)]
    [InlineData("gzip", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, br", "br")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip;q=1.0, br;q=0.5", "gzip")]
    [InlineData("gzip ; q=0.9 , br ; Q=0.901", "br")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("br;q=0.000, gzip;q=0", null)]
    [InlineData("*", "br")]
    [InlineData("*;q=0.5, gzip;q=0.6", "gzip")]
    [InlineData("br;q=0, *", "gzip")]
    [InlineData("gzip;q=0.5, identity", null)]
    [InlineData("gzip;q=0.5, identity;q=0.4", "gzip")]
    [InlineData("gzip, identity;q=0", "gzip")]
    [InlineData("*;q=0", null)]
    [InlineData("gzip;q=2", null)]
    [InlineData("gzip;q=-1", null)]
    [InlineData("gzip;q=", null)]
    [InlineData("gzip;q=.5", null)]
    [InlineData("gzip;q=0.5555", null)]
    [InlineData("gzip;q=1,5", "gzip")] // a list of two
    [InlineData("gzip;level=9", null)]
    [InlineData("gzipped", null)]
    [InlineData(",,gzip,,", "gzip")]
    public void What_is_taken_most_gladly_is_chosen(string? accepted, string? coding) => Assert.Equal(coding, AcceptedEncodings.Choose(accepted, ["br", "gzip"]));

    [Theory]
    [InlineData("gzip, br", "gzip")]
    [InlineData("br", null)]
    [InlineData("*", "gzip")]
    public void Only_what_there_is_is_chosen(string accepted, string? coding) => Assert.Equal(coding, AcceptedEncodings.Choose(accepted, ["gzip"]));
}
