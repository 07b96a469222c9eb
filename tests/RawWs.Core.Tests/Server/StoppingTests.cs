using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Server;

public sealed class StoppingTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // It is somebody else's token, or none, that it runs with.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_runs_does_so_until_it_is_stopped_by_whomever(bool isDisposed)
    {
        var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        var running = server.RunAsync((_, _) => Task.CompletedTask, CancellationToken.None);
        await Eventually.HoldsAsync(() => server.IsReady);

        await (isDisposed ? server.DisposeAsync().AsTask() : server.StopAsync(TestContext.Current.CancellationToken));

        await running.WaitAsync(LongestWait);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Stopping_closes_all_with_1001_cancels_their_tokens_and_waits_for_their_sessions()
    {
        using var isCancelled = new CountdownEvent(10);
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            cancellationToken.Register(() => isCancelled.Signal());
            await TestServer.EchoAsync(connection, cancellationToken);
        });
        var clients = new List<WireClient>();
        for (var count = 0; count < 10; count++)
            clients.Add(await server.OpenAsync());

        var stopping = server.Server.StopAsync();
        foreach (var client in clients)
        {
            Assert.Equal(1001, (await client.ReadFrameAsync()).CloseCode);
            Assert.False(stopping.IsCompleted);
            await client.SendAsync(WireFrame.MaskedClose(1001));
            Assert.True(await client.IsAtEndAsync());
            client.EndSending();
        }

        await stopping.WaitAsync(LongestWait);
        Assert.True(isCancelled.Wait(LongestWait));
        Assert.Equal(0, server.Server.ConnectionCount);
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level > LogLevel.Information);
    }

    [Fact]
    public async Task Stopping_delivers_what_a_session_still_sends_before_its_close()
    {
        var isSending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            using var telling = cancellationToken.UnsafeRegister(static told => ((TaskCompletionSource)told!).SetResult(), isTold);
            for (var number = 0; number < 20; number++)
            {
                var send = connection.SendAsync(new byte[10_000], cancellationToken: CancellationToken.None);
                isSending.TrySetResult();
                await send;
            }
        });
        await using var client = await server.OpenAsync(capacity: 1000);
        await isSending.Task;

        // It stops on another thread. A session that is over before that has closed for itself.
        var stopping = server.Server.StopAsync();
        await isTold.Task.WaitAsync(LongestWait);
        Assert.Equal(10_000, (await client.ReadFrameAsync()).Payload.Length);
        var frame = await client.ReadFrameAsync();
        while (frame.Opcode != 0x8)
            frame = await client.ReadFrameAsync();

        Assert.Equal(1001, frame.CloseCode);
        client.Abort();
        await stopping.WaitAsync(LongestWait);
    }

    [Fact]
    public async Task Peers_that_do_not_answer_hold_it_up_no_longer_than_their_deadlines()
    {
        await using var server = await TestServer.StartAsync();
        await using var silent = await server.OpenAsync();
        await using var stuck = await server.OpenAsync(capacity: 1);

        var stopping = server.Server.StopAsync();
        Assert.Equal(1001, (await silent.ReadFrameAsync()).CloseCode);
        await Eventually.CompletesAsync(server.Time, stopping);

        Assert.Equal(0, server.Server.ConnectionCount);
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level > LogLevel.Information);
    }

    [Fact]
    public async Task The_deadline_aborts_who_is_left_and_waits_a_second_for_a_session_that_ignores_everything()
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async (_, _) => await release.Task);
        await using var client = await server.OpenAsync();
        using var deadline = new CancellationTokenSource();

        var stopping = server.Server.StopAsync(deadline.Token);
        Assert.Equal(1001, (await client.ReadFrameAsync()).CloseCode);
        Assert.False(stopping.IsCompleted);
        await deadline.CancelAsync();
        await Eventually.CompletesAsync(server.Time, stopping);

        Assert.Equal(1, server.Server.ConnectionCount);
        Assert.Single(server.Log.AboveDebug, entry => entry.StartsWith("Warning: Stopping: 1 ", StringComparison.Ordinal));
        release.SetResult();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    [Fact]
    public async Task Whoever_stops_it_again_may_set_an_earlier_deadline()
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async (_, _) => await release.Task);
        await using var client = await server.OpenAsync();

        var patient = server.Server.StopAsync();
        Assert.Equal(1001, (await client.ReadFrameAsync()).CloseCode);
        var impatient = server.Server.StopAsync(new CancellationToken(true));

        await Eventually.CompletesAsync(server.Time, impatient);
        await patient.WaitAsync(LongestWait);
        release.SetResult();
    }

    [Fact]
    public async Task Disposing_is_bounded_by_the_close_timeout()
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async (_, _) => await release.Task);
        await using var client = await server.OpenAsync();

        var disposing = server.Server.DisposeAsync().AsTask();
        await Eventually.CompletesAsync(server.Time, disposing);
        release.SetResult();
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /echo HTTP/1.1\r\n")]
    public async Task A_handshake_that_is_under_way_is_answered_with_503(string beginning)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();
        await client.SendAsync(beginning);
        await client.WaitUntilServerWaitsAsync();

        var stopping = server.Server.StopAsync();
        var response = Encoding.ASCII.GetString(await client.ReadToEndAsync());
        Assert.StartsWith("HTTP/1.1 503 ", response, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: 5\r\n", response, StringComparison.Ordinal);

        Assert.False(stopping.IsCompleted);
        client.EndSending();
        await stopping.WaitAsync(LongestWait);
    }

    [Fact]
    public async Task A_hook_that_is_under_way_is_told()
    {
        var isAsked = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(configure: options => options.OnUpgrade = async (_, cancellationToken) =>
        {
            isAsked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return UpgradeResponse.Accept();
        });
        await using var client = server.Connect();
        await client.SendAsync(WireClient.Handshake + "\r\n");
        await isAsked.Task;

        var stopping = server.Server.StopAsync();

        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        client.Abort();
        await stopping.WaitAsync(LongestWait);
    }

    [Fact]
    public async Task A_connection_that_opens_at_the_last_moment_is_closed_too()
    {
        var answer = new TaskCompletionSource<UpgradeResponse>();
        var isAsked = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(configure: options => options.OnUpgrade = (_, _) =>
        {
            isAsked.SetResult();
            return new(answer.Task);
        });
        await using var client = server.Connect();
        await client.SendAsync(WireClient.Handshake + "\r\n");
        await isAsked.Task;

        var stopping = server.Server.StopAsync();
        await Eventually.HoldsAsync(() => server.Log.Entries.Any(entry => entry.Message.StartsWith("Stopping", StringComparison.Ordinal)));
        answer.SetResult(UpgradeResponse.Accept());

        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(1001, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedClose(1001));
        client.EndSending();
        await stopping.WaitAsync(LongestWait);
    }

    // Its work had been scheduled and had not begun: it would have been served by a server whose clock had stopped.
    [Fact]
    public async Task A_connection_whose_work_has_not_begun_is_waited_for()
    {
        var transport = new LaggardTransport();
        await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)], Transport = transport });
        server.Map("*", TestServer.EchoAsync);
        await server.StartAsync();
        await using var client = transport.Connect();
        await Eventually.HoldsAsync(() => transport.Work is not null);

        var stopping = server.StopAsync();
        transport.EndListening();
        Assert.NotSame(stopping, await Task.WhenAny(stopping, YieldAsync(1000)));

        transport.Work!();
        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        client.EndSending();
        await stopping.WaitAsync(LongestWait);
    }

    // Who is only told that it is not admitted has no handshake to take its time for.
    [Fact]
    public async Task Who_comes_meanwhile_and_says_nothing_holds_it_up_no_longer_than_its_deadline_even_where_handshakes_have_none()
    {
        await using var server = await TestServer.StartAsync(configure: options => (options.ProxyProtocol, options.HandshakeTimeout) = (true, Timeout.InfiniteTimeSpan));
        await using var open = server.Connect();
        await open.SendAsync("PROXY UNKNOWN\r\n");
        await open.OpenAsync();

        var stopping = server.Server.StopAsync();
        Assert.Equal(1001, (await open.ReadFrameAsync()).CloseCode);
        await using var silent = server.Connect();
        await silent.WaitUntilServerWaitsAsync();
        Assert.Equal(2, server.Server.ConnectionCount);
        open.Abort();

        await Eventually.CompletesAsync(server.Time, stopping);
        Assert.Equal(0, server.Server.ConnectionCount);
    }

    [Fact]
    public async Task A_server_that_is_stopped_while_it_starts_listens_nowhere_in_the_end()
    {
        var transport = new ListeningTransport();
        await using var server = new WebSocketServer(new()
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.Loopback, 2)],
            Transport = transport,
        });
        server.Map("*", TestServer.EchoAsync);
        transport.OnListen = count => Assert.True(count < 2 || server.StopAsync().Wait(LongestWait));

        await server.StartAsync();

        Assert.False(server.IsReady);
        Assert.Equal([true, true], transport.Listeners.Select(listener => listener.IsDisposed));
    }

    // The folder of a Unix socket may have gone, for one.
    [Fact]
    public async Task A_listener_that_can_not_be_disposed_keeps_the_others_from_nothing()
    {
        var (transport, log, release) = (new ListeningTransport { Failure = new IOException("its file can't be deleted") }, new RecordingLoggerFactory(), new TaskCompletionSource());
        await using var server = new WebSocketServer(new()
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.Loopback, 2)],
            Transport = transport,
            LoggerFactory = log,
        });
        server.Map("*", TestServer.EchoAsync);
        await server.StartAsync();
        var (end, clientEnd) = InMemoryConnection.CreatePair();
        await using var client = WireClient.Over(clientEnd);
        var serving = server.ServeAsync(end);
        await client.OpenAsync();

        await server.StopAsync(new CancellationToken(true)).WaitAsync(LongestWait);

        Assert.Equal([true, true], transport.Listeners.Select(listener => listener.IsDisposed));
        await serving.WaitAsync(LongestWait);
        Assert.Equal(2, log.AboveDebug.Count(entry => entry.StartsWith("Error: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_that_was_never_started_stops()
    {
        var server = new WebSocketServer(new());
        await server.StopAsync();
        await server.StopAsync();
        await server.DisposeAsync();
        await server.DisposeAsync();
    }

    private static async Task YieldAsync(int times)
    {
        for (var count = 0; count < times; count++)
            await Task.Yield();
    }

    /// <summary>Its connections' work begins when the test says so.</summary>
    private sealed class LaggardTransport : ITransport, ITransportListener
    {
        private readonly TaskCompletionSource _stopped = new();
        private readonly (InMemoryConnection Server, InMemoryConnection Client) _pair = InMemoryConnection.CreatePair();
        private bool _isAccepted;

        public Action? Work { get; private set; }

        public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.None, 0);

        public WireClient Connect() => WireClient.Over(_pair.Client);

        public void EndListening() => _stopped.TrySetResult();

        public ITransportListener Listen(EndPoint endPoint)
        {
            EndPoint = endPoint;
            return this;
        }

        public async ValueTask<TransportConnection?> AcceptAsync()
        {
            if (!_isAccepted)
            {
                _isAccepted = true;
                return new Laggard(this, _pair.Server);
            }

            await _stopped.Task;
            return null;
        }

        public ValueTask DisposeAsync()
        {
            EndListening();
            return default;
        }

        private sealed class Laggard(LaggardTransport transport, InMemoryConnection inner) : TransportConnection
        {
            public override PipeReader Input => inner.Input;

            public override PipeWriter Output => inner.Output;

            public override PipeScheduler Scheduler => new LaterScheduler(transport);

            public override void Abort() => inner.Abort();

            public override ValueTask DisposeAsync() => inner.DisposeAsync();
        }

        private sealed class LaterScheduler(LaggardTransport transport) : PipeScheduler
        {
            public override void Schedule(Action<object?> action, object? state) => transport.Work = () => action(state);
        }
    }
}
