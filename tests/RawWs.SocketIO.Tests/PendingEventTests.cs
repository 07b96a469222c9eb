using RawWs.SocketIO.Protocol;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>Events that wait for handlers hold up their client, but not the answer that a handler waits for; and both have an end.</summary>
public sealed class PendingEventTests
{
    private const int MaxCount = 4, MostCount = 4 * EventQueue.AskingFactor;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task An_answer_behind_more_events_than_may_wait_reaches_the_handler_that_waits_for_it()
    {
        await using var busy = await Busy.BeginAsync();
        var client = busy.Client;
        busy.Ask.SetResult();
        Assert.Equal("420[\"q\"]", await client.ReadAsync());

        for (var number = 0; number < MostCount - 1; number++)
            await client.SendAsync("42[\"e\"]");

        await client.SendAsync("430[5]");

        Assert.Equal("437[5]", await client.ReadAsync());
        await Eventually.HoldsAsync(() => busy.HeardCount == MostCount - 1);
    }

    [Theory]
    [InlineData("itself")]
    [InlineData("another namespace")]
    [InlineData("everybody")]
    public async Task Who_is_held_up_goes_on_when_it_is_asked(string who)
    {
        await using var busy = await Busy.BeginAsync();
        var (server, client, socket) = (busy.Server, busy.Client, busy.Socket);
        await client.SendAsync("40/other,");
        var other = await server.FindAsync(await client.ReadAsync());
        var heldUp = Task.CompletedTask;
        for (var number = 0; number < MaxCount; number++)
        {
            Assert.True(heldUp.IsCompleted);
            heldUp = socket.ReceiveAsync(Event(1));
        }

        Assert.False(heldUp.IsCompleted);
        var asked = who switch
        {
            "itself" => socket.EmitWithAckAsync<int>("q"),
            "everybody" => (Task)server.IO.Everybody.EmitWithAckAsync<int>("q"),
            _ => other.EmitWithAckAsync<int>("q"),
        };

        await heldUp.WaitAsync(Long);
        var (nsp, answer) = who == "another namespace" ? ("/other,", "43/other,0[1]") : ("", "430[1]");
        Assert.Equal($"42{nsp}0[\"q\"]", await client.ReadAsync());
        await client.SendAsync(answer);
        await asked.WaitAsync(Long);

        // Nobody waits for an answer any more.
        Assert.False(socket.ReceiveAsync(Event(1)).IsCompleted);
    }

    [Fact]
    public async Task While_an_answer_is_waited_for_only_so_many_events_are_read()
    {
        await using var busy = await Busy.BeginAsync();
        var timerCount = busy.Server.Time.TimerCount;
        busy.Ask.SetResult();
        await busy.Client.ReadAsync();
        for (var number = 1; number < MostCount; number++)
            Assert.True(busy.Socket.ReceiveAsync(Event(1)).IsCompleted);

        var heldUp = busy.Socket.ReceiveAsync(Event(1));
        Assert.False(heldUp.IsCompleted);

        // The answer that never comes: its time, which begins when the question has left, is up, and the handlers catch up.
        await Eventually.HoldsAsync(() => busy.Server.Time.TimerCount > timerCount);
        busy.Server.Time.Advance(TimeSpan.FromSeconds(30));
        await heldUp.WaitAsync(Long);
        await Eventually.HoldsAsync(() => busy.HeardCount == MostCount);
    }

    [Fact]
    public async Task While_an_answer_is_waited_for_only_so_many_bytes_are_read_beyond_the_usual_number()
    {
        await using var busy = await Busy.BeginAsync(options => options.MaxPacketSize = 1_000);
        busy.Ask.SetResult();
        await busy.Client.ReadAsync();
        for (var number = 0; number < MaxCount; number++)
            Assert.True(busy.Socket.ReceiveAsync(Event(1_000)).IsCompleted);

        Assert.True(busy.Socket.ReceiveAsync(Event(999)).IsCompleted);
        Assert.False(busy.Socket.ReceiveAsync(Event(1)).IsCompleted);
    }

    private static Packet Event(int size) => new()
    {
        Type = PacketType.BinaryEvent,
        EventName = "e",
        Payload = new byte[size / 2],
        Attachments = [new byte[size - (size / 2)]],
    };

    /// <summary>A client whose first event is worked on, by a handler that asks it something when it is told to, and answers with the answer.</summary>
    private sealed record Busy(SocketIOTestServer Server, EngineClient Client, SocketIOSocket Socket, TaskCompletionSource Ask) : IAsyncDisposable
    {
        private int _heardCount;

        public int HeardCount => Volatile.Read(ref _heardCount);

        public static async Task<Busy> BeginAsync(Action<SocketIOServerOptions>? configure = null)
        {
            var server = await SocketIOTestServer.StartAsync(
                io => io.Of("/other"),
                options =>
                {
                    options.MaxPendingEventCount = MaxCount;
                    configure?.Invoke(options);
                });
            var (client, socket) = await server.ConnectSocketAsync();
            var busy = new Busy(server, client, socket, new(TaskCreationOptions.RunContinuationsAsynchronously));
            var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            socket.On("e", () => Interlocked.Increment(ref busy._heardCount));
            socket.On("ask", async () =>
            {
                isAsked.SetResult();
                await busy.Ask.Task;
                return await socket.EmitWithAckAsync<int>("q");
            });
            await client.SendAsync("427[\"ask\"]");
            await isAsked.Task.WaitAsync(Long);
            return busy;
        }

        public async ValueTask DisposeAsync()
        {
            Ask.TrySetResult();
            await Client.DisposeAsync();
            await Server.DisposeAsync();
        }
    }
}
