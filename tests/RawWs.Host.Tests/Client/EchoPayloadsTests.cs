using System.Text;

namespace RawWs.Host.Tests;

public class EchoPayloadsTests
{
    // One that comes back in another's place is to be found out.
    [Fact]
    public void Those_that_may_be_under_way_together_differ_and_then_they_begin_again()
    {
        var payloads = new EchoPayloads(size: 64, count: 5);
        string[] texts = [.. Enumerable.Range(0, 10).Select(number => Encoding.ASCII.GetString(payloads.Of(number).Span))];

        Assert.All(texts, text => Assert.Equal(64, text.Length));
        Assert.Equal(5, texts[..5].Distinct().Count());
        Assert.Equal(texts[..5], texts[5..]);
    }
}
