using System.Text;
using RawWs.Redis.Client;

namespace RawWs.Redis.Tests.Client;

/// <summary>What a command is about, as far as a cluster is concerned.</summary>
public sealed class ClusterKeyTests
{
    [Theory]
    [InlineData("GET a", "a")]
    [InlineData("SSCAN a 0", "a")]
    [InlineData("XREAD COUNT 1 STREAMS a 0", "a")]
    [InlineData("EVAL script 1 a", "a")]
    [InlineData("OBJECT ENCODING a", "a")]
    [InlineData("PUBSUB SHARDNUMSUB a", "a")]
    [InlineData("SCAN 1234", null)]
    [InlineData("scan 1234 MATCH a*", null)]
    [InlineData("KEYS a*", null)]
    [InlineData("FLUSHALL ASYNC", null)]
    [InlineData("FLUSHDB ASYNC", null)]
    [InlineData("DBSIZE", null)]
    [InlineData("RANDOMKEY", null)]
    [InlineData("PUBSUB CHANNELS a*", null)]
    [InlineData("PUBSUB shardchannels a*", null)]
    [InlineData("PUBSUB NUMPAT", null)]
    [InlineData("EVAL script 0", null)]
    [InlineData("OBJECT HELP", null)]
    [InlineData("SLOWLOG GET 10", null)]
    [InlineData("LATENCY HISTORY event", null)]
    public void A_command_is_about_its_key_and_none_is_taken_for_one(string text, string? key)
    {
        var words = text.Split(' ');
        var command = new RedisCommand(words[0], [.. words[1..].Select(static word => (RedisArgument)word)]);

        Assert.Equal(key, ClusterKey.Of(command) is { } found ? Encoding.UTF8.GetString(found.Span) : null);
    }
}
