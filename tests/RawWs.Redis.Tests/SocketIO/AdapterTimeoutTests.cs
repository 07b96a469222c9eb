using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Whoever asks other servers waits as long as it has said, and no longer, also if Redis stands still meanwhile and confirms nothing.</summary>
public sealed class AdapterTimeoutTests : IAsyncDisposable
{
    private readonly ScriptedClient _redis = new(static _ => RespValue.FromItems(RespValue.FromText("channel"), RespValue.FromInteger(2)));
    private readonly TaskCompletionSource _over = new();

    public static TheoryData<AdapterKind> Kinds => [AdapterKind.PubSub, AdapterKind.Sharded];

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Acks_are_waited_for_in_time_while_the_question_is_not_confirmed(AdapterKind kind)
    {
        await using var server = await ClusterServer.StartAsync(_redis, kind);
        _redis.Standstill = _over.Task;
        var asking = server.IO.Everybody.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("question");
        await Eventually.CompletesAsync(server.Server.Time, asking);

        var acks = await asking;
        Assert.Equal((0, false), (acks.AskedCount, acks.IsComplete));
        _over.SetResult();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Servers_are_waited_for_in_time_while_the_question_is_not_confirmed(AdapterKind kind)
    {
        await using var server = await ClusterServer.StartAsync(_redis, kind);
        _redis.Standstill = _over.Task;
        var asking = server.IO.ServerSideEmitWithAckAsync<int>("question");
        await Eventually.CompletesAsync(server.Server.Time, asking);

        Assert.False((await asking).IsComplete);
        _over.SetResult();
    }
}
