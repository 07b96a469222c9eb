using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class EventLoopListenerTests : ListenerTests
{
    private const int LinuxTcpUserTimeout = 18;

    [Fact]
    public async Task Loops_end_with_the_last_listener_or_connection()
    {
        var group = EventLoops.NewGroup();
        var listener = group.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.EndPoint);
        var connection = await listener.AcceptAsync().AsTask().WaitAsync(SocketPair.LongestWait);

        await listener.DisposeAsync();
        await listener.DisposeAsync();
        Assert.Equal(2, group.LoopCount);

        await connection!.DisposeAsync();
        Assert.Equal(0, group.LoopCount);
    }

    [Fact]
    public void An_end_point_that_can_not_be_had_leaves_no_loop_behind()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var group = EventLoops.NewGroup();

        Assert.Throws<IOException>(() => group.Listen(other.LocalEndPoint!));

        Assert.Equal(0, group.LoopCount);
    }

    [Fact]
    public async Task A_connection_that_is_disposed_twice_stops_no_loop_beneath_others()
    {
        var group = EventLoops.NewGroup();
        using var pair = await SocketPair.ConnectAsync();
        using var otherPair = await SocketPair.ConnectAsync();
        var (connection, other) = (EventLoops.Connect(pair, group), EventLoops.Connect(otherPair, group));

        await connection.DisposeAsync();
        await connection.DisposeAsync();

        Assert.Equal(2, group.LoopCount);
        var read = other.Input.ReadAsync().AsTask();
        await otherPair.Client.SendAsync("still here"u8.ToArray());
        var result = await read.WaitAsync(SocketPair.LongestWait);
        Assert.Equal("still here"u8, result.Buffer.FirstSpan);

        await other.DisposeAsync();
        Assert.Equal(0, group.LoopCount);
    }

    // As when one server takes over from another that still has connections: what tells of news lives as long as the socket, and not as its descriptor.
    [Fact]
    public async Task A_listener_that_was_disposed_leaves_those_who_come_to_whoever_else_has_the_socket()
    {
        using var socket = NewListeningSocket();
        var listener = EventLoops.NewGroup().Listen(new InheritedEndPoint(Descriptors.Duplicate(socket.SafeHandle)));
        await using var kept = await ConnectAndAcceptAsync(socket, listener);
        await listener.DisposeAsync();

        await using var next = EventLoops.NewGroup().Listen(new InheritedEndPoint(Descriptors.Duplicate(socket.SafeHandle)));
        for (var count = 0; count < 10; count++)
        {
            await using var connection = await ConnectAndAcceptAsync(socket, next);
        }
    }

    [Fact]
    public async Task A_socket_that_was_listened_on_is_listened_on_again_by_the_same_loops_under_the_same_number()
    {
        using var socket = NewListeningSocket();
        var number = Descriptors.Duplicate(socket.SafeHandle);
        var group = EventLoops.NewGroup();
        var listener = group.Listen(new InheritedEndPoint(number));
        await using var kept = await ConnectAndAcceptAsync(socket, listener);
        await listener.DisposeAsync();

        Descriptors.DuplicateTo(number, socket.SafeHandle);
        await using var again = group.Listen(new InheritedEndPoint(number));
        await using var connection = await ConnectAndAcceptAsync(socket, again);
    }

    [Fact]
    public async Task Connections_inherit_the_options_of_the_socket_that_listens()
    {
        Assert.SkipUnless(EventLoopTransport.IsSupported, "This system has no event loops.");
        var options = NewOptions();
        using var listening = ListeningSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), 16, socket => SocketSettings.Apply(socket, options));
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listening.EndPoint);

        Assert.True(InteropEventLoop.TryAccept(listening.Socket.SafeHandle, out var accepted));

        using (accepted)
        using (var socket = new Socket(new SafeSocketHandle(accepted.Descriptor.DangerousGetHandle(), ownsHandle: false)))
        {
            Assert.True(socket.NoDelay);
            var timeout = new byte[sizeof(int)];
            socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, LinuxTcpUserTimeout, timeout);
            Assert.Equal((int)options.UnacknowledgedTimeout.TotalMilliseconds, BitConverter.ToInt32(timeout));
        }
    }

    // Whoever comes is found by a loop that has nothing to do, whichever that is.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_loop_that_somebody_keeps_does_not_keep_others_from_being_accepted(int kept)
    {
        using var isReleased = new ManualResetEventSlim();
        var isKept = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await LoopbackServer.StartAsync(
            async (connection, cancellationToken) =>
            {
                await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                {
                    if (message.GetText() == "block")
                    {
                        isKept.SetResult();
                        isReleased.Wait(SocketPair.LongestWait, CancellationToken.None);
                    }

                    await connection.SendAsync(message, cancellationToken);
                }
            },
            options => options.Transport = LoopbackTests.NewEventLoop());

        // They are on different loops.
        WireClient[] clients = [await server.OpenAsync(), await server.OpenAsync()];
        await using var blocker = clients[kept];
        await using var other = clients[1 - kept];
        await blocker.SendAsync(WireFrame.MaskedText("block"));
        await isKept.Task.WaitAsync(SocketPair.LongestWait);

        other.Abort();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        await using var next = await server.OpenAsync();
        await next.SendAsync(WireFrame.MaskedText("next"));
        Assert.Equal("next", (await next.ReadFrameAsync()).Text);

        isReleased.Set();
        Assert.Equal("block", (await blocker.ReadFrameAsync()).Text);
    }

    // Whoever asks for connections need not be on a loop, as when a server starts, or has waited for descriptors. Those who came before that are told of no more.
    [Fact]
    public async Task A_loop_that_somebody_keeps_does_not_keep_those_who_came_before_they_were_asked_for()
    {
        var group = EventLoops.NewGroup(sockets: new SocketTransportOptions(Backlog: 128, TimeSpan.Zero));
        using var isReleased = new ManualResetEventSlim();
        using var pairOfKept = await SocketPair.ConnectAsync();
        using var pairOfOther = await SocketPair.ConnectAsync();
        await using var kept = EventLoops.Connect(pairOfKept, group);
        await using var other = EventLoops.Connect(pairOfOther, group);
        await using var listener = group.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        kept.Scheduler.Schedule(_ => isReleased.Wait(SocketPair.LongestWait), null);
        try
        {
            // More than are accepted in one go.
            var clients = new List<Socket>();
            for (var count = 0; count < 100; count++)
                clients.Add(await ConnectAsync(listener.EndPoint));

            await TakeTurnAsync(other.Scheduler);
            await TakeTurnAsync(other.Scheduler);
            foreach (var client in clients)
            {
                await using var connection = await AcceptAsync(listener);
                client.Dispose();
            }
        }
        finally
        {
            isReleased.Set();
        }
    }

    private static async Task TakeTurnAsync(PipeScheduler scheduler)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scheduler.Schedule(static turn => ((TaskCompletionSource)turn!).SetResult(), turn);
        await turn.Task.WaitAsync(SocketPair.LongestWait);
    }

    private protected override ITransportListener Listen(EndPoint endPoint) => EventLoops.NewGroup(sockets: NewOptions()).Listen(endPoint);

    private static Socket NewListeningSocket()
    {
        Assert.SkipUnless(EventLoopTransport.IsSupported, "This system has no event loops.");
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static async Task<TransportConnection> ConnectAndAcceptAsync(Socket listening, ITransportListener listener)
    {
        var accept = listener.AcceptAsync().AsTask();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listening.LocalEndPoint!); // It is bound.
        return (await accept.WaitAsync(SocketPair.LongestWait))!; // Nobody has disposed the listener.
    }
}
