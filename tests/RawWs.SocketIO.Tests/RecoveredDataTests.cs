using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>What is kept with a socket while it ends is there when its client is back.</summary>
public sealed class RecoveredDataTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_handler_sets_after_the_connection_was_lost_is_recovered(bool isSetFirst)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket =>
            {
                socket.On("slow", async () =>
                {
                    await release.Task;
                    socket.Data["late"] = 1;
                });
                socket.OnDisconnecting(_ =>
                {
                    socket.Data["last"] = 2;
                    return Task.CompletedTask;
                });
                socket.OnDisconnect(_ => gone.TrySetResult());
            }),
            options => options.ConnectionStateRecovery = new());
        var (client, _) = await server.ConnectSocketAsync();
        var pid = SocketIOClients.Read(client.LastMessage).PrivateId;
        await client.SendAsync("42[\"slow\"]");
        await client.WebSocket.WaitUntilServerWaitsAsync();
        client.WebSocket.Abort();
        await client.DisposeAsync();
        await Eventually.HoldsAsync(() => server.IO.Sockets.Count == 0 && server.IO.ConnectionCount == 0);

        if (isSetFirst)
        {
            release.SetResult();
            await gone.Task.WaitAsync(Long);
        }

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");
        var recovered = await server.FindAsync(await again.ReadAsync());
        release.TrySetResult();
        await gone.Task.WaitAsync(Long);

        Assert.True(recovered.IsRecovered);
        Assert.Equal((1, 2), (recovered.Data.Get<int>("late"), recovered.Data.Get<int>("last")));
    }

    [Fact]
    public async Task An_adapter_that_writes_it_down_is_told_when_the_last_handlers_have_set_it()
    {
        var adapters = new List<WritingAdapter>();
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket => socket.OnDisconnecting(async _ =>
            {
                await Task.Yield();
                socket.Data["last"] = 2;
            })),
            options =>
            {
                options.ConnectionStateRecovery = new();
                options.Adapter = nsp =>
                {
                    var adapter = new WritingAdapter(nsp);
                    adapters.Add(adapter);
                    return adapter;
                };
            });
        var (client, socket) = await server.ConnectSocketAsync();
        socket.Join("room");
        client.WebSocket.Abort();
        await client.DisposeAsync();

        var (data, rooms) = await adapters[0].Written.Task.WaitAsync(Long);
        Assert.Equal("""{"last":2}""", data);
        Assert.Equal([socket.Id, "room"], rooms);
    }

    /// <summary>An adapter whose memory is elsewhere.</summary>
    private sealed class WritingAdapter(SocketIONamespace nsp) : SocketIOAdapter(nsp)
    {
        public TaskCompletionSource<(string Data, IReadOnlyList<string> Rooms)> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task PersistSessionAsync(StoredSession session)
        {
            Written.SetResult((session.Data.ToValue(Namespace).ToString(), session.Rooms));
            return Task.CompletedTask;
        }
    }
}
