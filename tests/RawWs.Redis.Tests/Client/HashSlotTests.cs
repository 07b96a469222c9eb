using System.Text;
using RawWs.Redis.Client;

namespace RawWs.Redis.Tests.Client;

/// <summary>The slots of keys, as the specification of Redis Cluster and a redis-server have them.</summary>
public sealed class HashSlotTests
{
    [Theory]
    [InlineData("123456789", 0x31C3)]
    [InlineData("foo", 12_182)]
    [InlineData("", 0)]
    [InlineData("{user1000}.following", 3_443)]
    [InlineData("user1000", 3_443)]
    [InlineData("foo{}{bar}", 8_363)]
    [InlineData("foo{{bar}}zap", 4_015)]
    [InlineData("{bar", 4_015)]
    [InlineData("foo{bar}{zap}", 5_061)]
    [InlineData("bar", 5_061)]
    public void A_key_has_the_slot_that_Redis_says(string key, int slot) => Assert.Equal(slot, HashSlot.Of(Encoding.UTF8.GetBytes(key)));
}
