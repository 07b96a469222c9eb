using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Whoever asks other servers waits as long as it has said, and no longer, also if Redis stands still meanwhile and confirms nothing.</summary>
public sealed class AdapterTimeoutTests : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly ScriptedClient _redis = new(static _ => RespValue.FromItems(RespValue.FromText("channel"), RespValue.FromInteger(2)));
    private readonly TaskCompletionSource _over = new();

    public static TheoryData<AdapterKind> Kinds => [AdapterKind.PubSub, AdapterKind.Sharded];

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_list_ends_in_time_while_servers_can_not_be_counted(AdapterKind kind)
    {
        await using var server = await ClusterServer.StartAsync(_redis, kind);
        _redis.Standstill = _over.Task;
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await Eventually.CompletesAsync(server.Server.Time, fetching);

        Assert.False((await fetching).IsComplete);
        _over.SetResult();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_list_ends_in_time_while_the_question_is_not_confirmed(AdapterKind kind)
    {
        await using var server = await ClusterServer.StartAsync(_redis, kind);
        _redis.OnPublishedAsync = _ => _over.Task;
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await Eventually.CompletesAsync(server.Server.Time, fetching);

        Assert.False((await fetching).IsComplete);
        _over.SetResult();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Whoever_asks_for_a_list_may_leave_while_the_question_is_not_confirmed(AdapterKind kind)
    {
        await using var server = await ClusterServer.StartAsync(_redis, kind);
        var asked = new TaskCompletionSource();
        _redis.OnPublishedAsync = _ =>
        {
            asked.TrySetResult();
            return _over.Task;
        };
        using var leaving = new CancellationTokenSource();
        var fetching = server.IO.Everybody.FetchSocketsAsync(leaving.Token);
        await asked.Task;
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching.WaitAsync(LongestWait));
        _over.SetResult();
    }

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
