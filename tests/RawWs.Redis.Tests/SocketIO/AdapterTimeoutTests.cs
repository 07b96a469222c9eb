using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO;
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
    public Task A_list_ends_in_time_while_servers_can_not_be_counted(AdapterKind kind) => ListEndsInTimeAsync(kind, () => _redis.Standstill = _over.Task);

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task A_list_ends_in_time_while_the_question_is_not_confirmed(AdapterKind kind) => ListEndsInTimeAsync(kind, () => _redis.OnPublishedAsync = _ => _over.Task);

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

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nobody_else_is_waited_for_if_it_is_known_that_nobody_else_was_asked(AdapterKind kind)
    {
        await using var server = await ClusterServer.StartAsync(_redis, kind);
        foreach (var refusal in (Exception[])[new RedisUnavailableException("There is no connection.") { IsUnsent = true }, new RedisErrorException("NOPERM Not you.")])
        {
            _redis.OnPublishedAsync = _ => Task.FromException(refusal);

            // Without any time.
            var acks = await server.IO.Everybody.EmitWithAckAsync<int>("question").WaitAsync(LongestWait);
            Assert.Equal((0, false), (acks.AskedCount, acks.IsComplete));
            Assert.False((await server.IO.ServerSideEmitWithAckAsync<int>("question").WaitAsync(LongestWait)).IsComplete);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Others_are_waited_for_if_they_may_have_been_asked(AdapterKind kind)
    {
        await using var server = await ClusterServer.StartAsync(_redis, kind);
        _redis.OnPublishedAsync = static _ => Task.FromException(new RedisUnavailableException("The connection was lost before the answer."));
        var asking = server.IO.Everybody.EmitWithAckAsync<int>("question");
        Assert.False(asking.IsCompleted);

        await Eventually.CompletesAsync(server.Server.Time, asking);
        Assert.False((await asking).IsComplete);
    }

    [Fact]
    public void The_sockets_of_a_server_that_can_ask_nobody_else_are_waited_for_all_the_same()
    {
        var acks = new AckCollection();
        acks.Asked(1);
        acks.AskNobodyElse();
        acks.Expect(2);
        Assert.False(acks.Done.IsCompleted);

        acks.Answered(null);

        Assert.True(acks.Done.IsCompleted);
        Assert.Equal((1, false), (acks.ToResult<int?>().AskedCount, acks.ToResult<int?>().IsComplete));
    }

    private async Task ListEndsInTimeAsync(AdapterKind kind, Action standStill)
    {
        await using var server = await ClusterServer.StartAsync(_redis, kind);
        standStill();
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await Eventually.CompletesAsync(server.Server.Time, fetching);

        Assert.False((await fetching).IsComplete);
        _over.SetResult();
    }
}
