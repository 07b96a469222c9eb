using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>More is said at once than Redis takes at once. It is there, and so others hear all of it.</summary>
public sealed partial class AdapterBurstTests
{
    private const int Count = 12_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(AdapterKind.PubSub, RedisChannelKind.Pattern)]
    [InlineData(AdapterKind.Sharded, RedisChannelKind.Shard)]
    public async Task Whoever_waits_for_nothing_is_heard_by_others(AdapterKind kind, RedisChannelKind channelKind)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var one = await ClusterServer.StartAsync(rig, kind);
        await using var hearer = await rig.ConnectAsync();
        var heard = new Hearer();
        await using var subscription = hearer.Subscribe(new RedisChannel(channelKind == RedisChannelKind.Pattern ? "socket.io#/#*" : "socket.io#/#", channelKind), heard);
        await subscription.WaitForConfirmationAsync();

        await SayAllAsync(rig, one);

        await Eventually.HoldsAsync(() => heard.Numbers.Count == Count);
        Assert.Equal(Enumerable.Range(0, Count), heard.Numbers);
    }

    [Fact]
    public async Task Whoever_waits_for_nothing_has_all_of_it_in_the_stream()
    {
        await using var rig = await RedisRig.StartAsync();
        var redis = await rig.ConnectAsync();
        await using var one = await ClusterServer.StartAsync(
            redis, AdapterKind.Streams, socketIO => socketIO.Adapter = nsp => new RedisStreamsAdapter(nsp, redis, new RedisStreamsAdapterOptions { MaxStreamLength = 2 * Count }));

        await SayAllAsync(rig, one);

        // What is said while Redis is there is done when it has been added.
        var entries = (await rig.Server.ExecuteAsync("XRANGE", "socket.io", "-", "+")).Items;
        Assert.Equal(Enumerable.Range(0, Count), entries.Select(static entry => NumberIn(entry.ToString())));
    }

    private static async Task SayAllAsync(RedisRig rig, ClusterServer one)
    {
        // Until then nothing is answered.
        Assert.Equal("OK", (await rig.Server.ExecuteAsync("CLIENT", "PAUSE", "500", "WRITE")).ToText());
        await Task.WhenAll(Enumerable.Range(0, Count).Select(number => one.IO.To("room", "other").EmitAsync("number", $"<{number}>"))).WaitAsync(LongestWait);
    }

    private static int NumberIn(string text) => int.Parse(InBrackets().Match(text).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("<([0-9]+)>", RegexOptions.CultureInvariant)]
    private static partial Regex InBrackets();

    private sealed class Hearer : RedisSubscriber
    {
        public ConcurrentQueue<int> Numbers { get; } = new();

        public override void OnMessage(RedisMessage message) => Numbers.Enqueue(NumberIn(RespValue.FromBytes(message.Payload.Span).ToText()!)); // It is a text.
    }
}
