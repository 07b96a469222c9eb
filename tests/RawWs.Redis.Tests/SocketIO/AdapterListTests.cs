using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What a list of all servers says of itself when some of them go while they are asked.</summary>
public sealed class AdapterListTests : IAsyncDisposable
{
    private const string Requests = "socket.io-request#/#", Responses = "socket.io-response#/#", Everybody = "socket.io#/#";

    // Redis, as far as it is asked: so many servers are there, one count after the other; the last stays.
    private readonly ConcurrentQueue<int> _counts = new();
    private readonly ScriptedClient _redis;
    private int _count;

    public AdapterListTests() => _redis = new ScriptedClient(_ =>
    {
        if (_counts.TryDequeue(out var next))
            _count = next;

        return RespValue.FromItems(RespValue.FromText("channel"), RespValue.FromInteger(_count));
    });

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    public static TheoryData<AdapterKind> Kinds => [AdapterKind.PubSub, AdapterKind.Sharded];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_answer_of_one_that_has_gone_is_not_taken_for_that_of_one_that_has_not_answered(AdapterKind kind)
    {
        await using var server = await StartAsync(kind, 3, 2);
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await AnswerAsync(kind, asked: 1, "of one that goes");
        await Eventually.CompletesAsync(server.Server.Time, fetching);

        var sockets = await fetching;
        Assert.Equal((false, "of one that goes"), (sockets.IsComplete, Assert.Single(sockets).Id));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task When_one_has_gone_the_others_are_asked_again_and_answer_for_all(AdapterKind kind)
    {
        await using var server = await StartAsync(kind, 3, 2);
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await AnswerAsync(kind, asked: 1, "of one that stays");
        await AdvanceUntilAskedAsync(server, kind, 2);
        await AnswerAsync(kind, asked: 2, "of one that stays");

        // Without any more time.
        var sockets = await fetching;
        Assert.Equal((true, "of one that stays"), (sockets.IsComplete, Assert.Single(sockets).Id));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task When_all_others_have_gone_nobody_is_waited_for(AdapterKind kind)
    {
        await using var server = await StartAsync(kind, 2, 1);
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await AdvanceUntilAskedAsync(server, kind, 2);

        var sockets = await fetching;
        Assert.Equal((true, 0), (sockets.IsComplete, sockets.Count));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_answer_of_one_that_came_between_is_not_taken_for_that_of_another(AdapterKind kind)
    {
        await using var server = await StartAsync(kind, 2, 3);
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await AnswerAsync(kind, asked: 1, "of one that came");
        await Eventually.HoldsAsync(() => Questions(kind).Length == 2);
        await AnswerAsync(kind, asked: 2, "of one that came");
        await AnswerAsync(kind, asked: 2, "of one that was there");

        var sockets = await fetching;
        Assert.Equal((true, "of one that came, of one that was there"), (sockets.IsComplete, string.Join(", ", sockets.Select(static socket => socket.Id))));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_server_that_did_not_hear_for_a_moment_does_not_take_its_list_for_complete(AdapterKind kind)
    {
        await using var server = await StartAsync(kind, 2, 1);
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await Eventually.HoldsAsync(() => Questions(kind).Length == 1);

        // Redis has started again, and this server is back before the others.
        _redis.Interrupt();
        await Eventually.CompletesAsync(server.Server.Time, fetching);

        Assert.False((await fetching).IsComplete);
    }

    [Theory]
    [InlineData(AdapterKind.PubSub, 1)]
    [InlineData(AdapterKind.PubSub, 0)]
    [InlineData(AdapterKind.Sharded, 1)]
    [InlineData(AdapterKind.Sharded, 0)]
    public async Task A_server_that_does_not_hear_and_does_not_know_does_not_take_its_list_for_complete(AdapterKind kind, int count)
    {
        await using var server = await StartAsync(kind, count);
        _redis.HearsItself = false;
        var fetching = server.IO.Everybody.FetchSocketsAsync();
        await Eventually.CompletesAsync(server.Server.Time, fetching);

        Assert.False((await fetching).IsComplete);
    }

    [Fact]
    public async Task While_Redis_has_not_even_this_server_others_are_not_ruled_out()
    {
        await using var server = await StartAsync(AdapterKind.PubSub, 3, 0);
        Assert.Equal(3, await server.Adapter.CountServersAsync(TestContext.Current.CancellationToken));
        Assert.Equal(3, await server.Adapter.CountServersAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void An_item_that_makes_no_sense_is_left_out_and_counted_and_all_others_are_there()
    {
        var leftOutCount = 0;
        var pending = new Redis.SocketIO.PendingList<string>("rooms", static (_, item) => Redis.SocketIO.AdapterBody.NameOfRoom(item), () => leftOutCount++, 1);
        pending.ReceiveOwn();
        var answer = Redis.SocketIO.AdapterBody.Read("""{"rooms":["a",null,{},"x\ud83d",7]}"""u8, 64);
        pending.Receive(answer, answer.Root);

        Assert.True(pending.Complete.IsCompleted);
        Assert.Equal(["a", "x\ufffd", "7"], pending.Answers.Items);
        Assert.Equal(2, leftOutCount);
    }

    [Fact]
    public void Answers_are_not_all_of_them_until_this_server_has_heard_its_own_question()
    {
        var pending = new Redis.SocketIO.PendingList<string>("rooms", static (_, item) => Redis.SocketIO.AdapterBody.NameOfRoom(item), static () => { }, 1);
        var answer = Redis.SocketIO.AdapterBody.Read("""{"rooms":["a"]}"""u8, 64);

        pending.Receive(answer, answer.Root);
        Assert.False(pending.Complete.IsCompleted);
        pending.ReceiveOwn();

        Assert.True(pending.Complete.IsCompleted);
    }

    [Fact]
    public void An_answer_without_a_list_is_none()
    {
        var pending = new Redis.SocketIO.PendingList<string>("rooms", static (_, item) => Redis.SocketIO.AdapterBody.NameOfRoom(item), static () => { }, 1);
        pending.ReceiveOwn();
        Assert.ThrowsAny<JsonException>(() => Receive("""{"rooms":7}"""));
        Assert.False(pending.Complete.IsCompleted);

        Receive("""{"rooms":["a",7]}""");

        Assert.True(pending.Complete.IsCompleted);
        Assert.Equal(["a", "7"], pending.Answers.Items);

        void Receive(string json)
        {
            var answer = Redis.SocketIO.AdapterBody.Read(Encoding.UTF8.GetBytes(json), 64);
            pending.Receive(answer, answer.Root);
        }
    }

    private async Task<ClusterServer> StartAsync(AdapterKind kind, params int[] counts)
    {
        var server = await ClusterServer.StartAsync(_redis, kind);
        foreach (var count in counts)
            _counts.Enqueue(count);

        return server;
    }

    // The ids of the questions that were asked.
    private string[] Questions(AdapterKind kind)
        => [.. _redis.Published
            .Where(message => message.Channel == (kind == AdapterKind.PubSub ? Requests : Everybody))
            .Select(static message => JsonDocument.Parse(message.Payload).RootElement)
            .Select(root => (kind == AdapterKind.PubSub ? root : root.GetProperty("data")).GetProperty("requestId").GetString()!)]; // A question has an id.

    private async Task AnswerAsync(AdapterKind kind, int asked, string socketId)
    {
        await Eventually.HoldsAsync(() => Questions(kind).Length >= asked);
        var requestId = Questions(kind)[asked - 1];
        var sockets = $$$"""[{"id":"{{{socketId}}}","handshake":{},"rooms":[],"data":{}}]""";
        var (channel, answer) = kind == AdapterKind.PubSub
            ? (Responses, $$$"""{"requestId":"{{{requestId}}}","sockets":{{{sockets}}}}""")
            : (Everybody, $$$"""{"uid":"u","nsp":"/","type":8,"data":{"requestId":"{{{requestId}}}","sockets":{{{sockets}}}}}""");
        _redis.Say(new RedisMessage(channel, Encoding.UTF8.GetBytes(answer)));
    }

    private async Task AdvanceUntilAskedAsync(ClusterServer server, AdapterKind kind, int count)
    {
        // Redis answers at once: whoever has asked waits already.
        Assert.Equal(count - 1, Questions(kind).Length);
        server.Server.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => Questions(kind).Length == count);
    }
}
