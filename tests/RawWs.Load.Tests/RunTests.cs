using System.Net;
using RawWs.SocketIO;

namespace RawWs.Load.Tests;

/// <summary>The generator against servers that do what they should, and against some that do not. It needs Linux.</summary>
public class RunTests
{
    // What a right server has been sent comes back, however long the machine takes; what a wrong one keeps is not waited for.
    private static readonly LoadTiming Patient = TimingOf(seconds: 1, rest: TimeSpan.FromMinutes(1));
    private static readonly LoadTiming Impatient = TimingOf(seconds: 1, rest: TimeSpan.FromMilliseconds(300));

    // For runs that end when they find what they are to find.
    private static readonly LoadTiming UntilFound = TimingOf(seconds: 60, rest: TimeSpan.Zero);

    public static bool IsLinux => OperatingSystem.IsLinux();

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task A_right_echo_is_counted_and_timed()
    {
        var result = await RunAsync(EchoAsync, target => new EchoRun(target, connections: 4, size: 70_000, inFlight: 3, Patient));

        Assert.Empty(result.Failures);
        Assert.True(result.Count > 0);
        Assert.Equal(result.Count, result.Latencies.Count);
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task An_echo_with_one_wrong_byte_is_found()
    {
        var result = await RunAsync(
            async (connection, message, number) => await connection.SendAsync(number == 5 ? [.. message[..^1], (byte)'!'] : message),
            target => new EchoRun(target, connections: 1, size: 64, inFlight: 2, UntilFound));

        Assert.Contains("Message 5 did not come back", Assert.Single(result.Failures), StringComparison.Ordinal);
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task A_server_that_keeps_messages_for_later_is_charged_for_all_of_them()
    {
        const int Kept = 50;
        var waiting = new List<byte[]>();
        var result = await RunAsync(
            async (connection, message, _) =>
            {
                waiting.Add(message);
                if (waiting.Count < Kept)
                    return;

                foreach (var one in waiting)
                    await connection.SendAsync(one);
                waiting.Clear();
            },
            target => new LatencyRun(target, connections: 1, size: 64, perSecond: 1000, Impatient));

        // Of 50 that are due a millisecond after each other, the first has waited for 49, and half of all for more than 24: however fast the answer was.
        Assert.True(result.Latencies.Max >= 49_000_000, $"{result.Latencies.Max}");
        Assert.True(result.Latencies.Quantile(0.5) >= 15_000_000, $"{result.Latencies.Quantile(0.5)}");
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task A_rate_far_beyond_what_can_be_done_is_told_and_given_up()
    {
        var result = await RunAsync(EchoAsync, target => new LatencyRun(target, connections: 1, size: 64, perSecond: int.MaxValue, UntilFound));

        Assert.Contains(result.Failures, static failure => failure.Contains("choose a lower --rate", StringComparison.Ordinal));
    }

    [Theory(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    [InlineData(0, "deliveries instead of")]
    [InlineData(2, "out of order or twice")]
    public async Task A_broadcast_that_is_lost_or_comes_twice_is_found(int copies, string complaint)
    {
        var members = new List<WebSocketConnection>();
        var result = await RunAsync(
            async (_, message, number) =>
            {
                foreach (var (place, member) in members.Index())
                {
                    for (var copy = 0; copy < (number == 2 && place == 1 ? copies : 1); copy++)
                        await member.SendAsync(message);
                }
            },
            target => new FanoutRun(target, members: 3, size: 64, credit: 4, perSecond: 0, Impatient),
            members.Add);

        Assert.Contains(result.Failures, failure => failure.Contains(complaint, StringComparison.Ordinal));
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task A_connection_that_comes_and_goes_in_order_is_counted()
    {
        var result = await RunAsync(EchoAsync, target => new ChurnRun(target, connections: 3, Patient));

        Assert.Empty(result.Failures);
        Assert.True(result.Count > 0);
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task Idle_connections_open_echo_and_are_weighed()
    {
        var result = await RunAsync(EchoAsync, target => new IdleRun(target, connections: 300, Patient, () => ServerMemory.Of(target.Process)));

        Assert.Empty(result.Failures);
        Assert.Equal(300, result.Count);
        Assert.NotNull(result.Held);
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task A_right_broadcast_is_counted_for_each_member()
    {
        var members = new List<WebSocketConnection>();
        var result = await RunAsync(
            async (_, message, _) =>
            {
                foreach (var member in members)
                    await member.SendAsync(message);
            },
            target => new FanoutRun(target, members: 3, size: 64, credit: 4, perSecond: 0, Patient),
            members.Add);

        Assert.Empty(result.Failures);
        Assert.True(result.Count > 0);
    }

    [Theory(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    [InlineData("echo 3,64,4")]
    [InlineData("fanout 3,64,4")]
    [InlineData("polling 3,64,4")]
    [InlineData("churn 2")]
    public async Task A_right_server_of_SocketIO_loses_nothing(string cell)
    {
        var result = await RunOnSocketIOAsync(cell, Patient, static (io, _, text) => io.EmitAsync("news", text));

        Assert.Empty(result.Failures);
        Assert.True(result.Count > 0);
    }

    [Theory(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    [InlineData("fanout 2,64,1")]
    [InlineData("polling 2,64,1")]
    public async Task A_broadcast_of_SocketIO_that_leaves_one_out_is_found(string cell)
    {
        var result = await RunOnSocketIOAsync(cell, Impatient, static (_, socket, text) => socket.Broadcast.EmitAsync("news", text));

        Assert.Contains(result.Failures, failure => failure.Contains("deliveries instead of", StringComparison.Ordinal));
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task An_ack_with_something_else_is_found()
    {
        var result = await RunOnSocketIOAsync("echo 1,64,1", UntilFound, static (_, _, _) => Task.CompletedTask, static text => text + "!");

        Assert.NotEmpty(result.Failures);
    }

    private static LoadTiming TimingOf(double seconds, TimeSpan rest)
        => new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(seconds), Spins: false) { RestTimeout = rest };

    private static Task EchoAsync(WebSocketConnection connection, byte[] message, int number) => connection.SendAsync(message).AsTask();

    /// <param name="cell">The load.</param>
    /// <param name="timing">How long.</param>
    /// <param name="publishAsync">Sends what a client has published.</param>
    /// <param name="acknowledge">What is answered; the same if that is not said.</param>
    private static async Task<LoadResult> RunOnSocketIOAsync(
        string cell, LoadTiming timing, Func<SocketIOServer, SocketIOSocket, string, Task> publishAsync, Func<string, string>? acknowledge = null)
    {
        await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        var io = new SocketIOServer(server, new SocketIOServerOptions { PingInterval = TimeSpan.FromHours(1) });
        io.OnConnection(socket =>
        {
            socket.On("echo", acknowledge ?? (static text => text));
            socket.On("publish", (string text) => publishAsync(io, socket, text));
        });
        await server.StartAsync();

        var target = new LoadTarget((IPEndPoint)server.EndPoints[0], SocketIOBenchServer.Path, Environment.ProcessId, SpeaksSocketIO: true);
        return await Cell.ParseAll(cell)[0].RunAsync(target, timing, CancellationToken.None);
    }

    /// <param name="handleAsync">Is given each message of a connection, and its number.</param>
    /// <param name="makeRun">Makes the run.</param>
    /// <param name="join">Is told of each connection, one after the other.</param>
    private static async Task<LoadResult> RunAsync(
        Func<WebSocketConnection, byte[], int, Task> handleAsync, Func<LoadTarget, LoadRun> makeRun, Action<WebSocketConnection>? join = null)
    {
        var joining = new Lock();
        await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        server.Map("*", async (connection, cancellationToken) =>
        {
            lock (joining)
            {
                join?.Invoke(connection);
            }

            var number = 0;
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await handleAsync(connection, message.ToArray(), number++);
        });
        await server.StartAsync();

        using var run = makeRun(new LoadTarget((IPEndPoint)server.EndPoints[0], "/", Environment.ProcessId));
        return await run.RunAsync(CancellationToken.None);
    }
}
