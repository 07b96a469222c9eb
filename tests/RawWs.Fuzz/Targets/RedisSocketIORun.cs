using System.Text.Json;
using RawWs.Redis;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;
using RawWs.Testing;

namespace RawWs.Fuzz;

/// <summary>One run of the target: an input as every kind of message, told to each adapter of a server in memory that has one socket, and read by itself.</summary>
internal sealed class RedisSocketIORun : IAsyncDisposable
{
    private readonly TestServer _server;
    private readonly SocketIOServer _io;
    private readonly WireClient _client;
    private readonly SilentRedis _redis;
    private readonly bool _isSharded;

    private RedisSocketIORun(TestServer server, SocketIOServer io, WireClient client, SilentRedis redis, bool isSharded)
        => (_server, _io, _client, _redis, _isSharded) = (server, io, client, redis, isSharded);

    public static async Task<ulong> RunAsync(byte[] input)
    {
        var behaviour = new Behaviour();
        foreach (var isSharded in (bool[])[false, true])
        {
            await using var run = await StartAsync(isSharded);
            run.Tell(input);
            run.Check(input, ref behaviour);
        }

        return behaviour.Hash;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _io.CloseAsync();
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static async Task<RedisSocketIORun> StartAsync(bool isSharded)
    {
        var redis = new SilentRedis();
        var options = new SocketIOServerOptions { Adapter = nsp => isSharded ? new RedisShardedAdapter(nsp, redis) : new RedisAdapter(nsp, redis, new() { PublishOnSpecificResponseChannel = true }) };
        SocketIOServer? io = null;
        var connected = new TaskCompletionSource();
        var server = await TestServer.StartAsync(
            configure: core => (options.TimeProvider, options.LoggerFactory) = (core.TimeProvider, core.LoggerFactory),
            map: core => io = SetUp(core, options, connected));
        var client = server.Connect(capacity: 1 << 20);
        await client.OpenAsync(path: "/socket.io/?EIO=4&transport=websocket");
        await client.SendAsync(WireFrame.MaskedText("40"));
        await connected.Task;
        return new RedisSocketIORun(server, io!, client, redis, isSharded); // It has been set up.
    }

    private static SocketIOServer SetUp(WebSocketServer core, SocketIOServerOptions options, TaskCompletionSource connected)
    {
        var io = new SocketIOServer(core, options);
        io.OnConnection(socket =>
        {
            socket.Data["user"] = "Ada";
            socket.Join("room1");
            connected.SetResult();
        });
        io.Of("/").OnServerSide("sse", received =>
        {
            received.Acknowledge(1);
            return Task.CompletedTask;
        });
        return io;
    }

    // What comes last may disconnect the socket.
    private void Tell(byte[] input)
    {
        foreach (var channel in _isSharded ? (string[])["socket.io#/#"] : ["socket.io#/#", "socket.io#/#room1#", "socket.io#/#nobody#", "socket.io-response#/#", "socket.io-request#/#"])
            _redis.Deliver(channel, input);

        foreach (var body in _redis.Published.ToArray())
            AdapterBody.Read(body.Span, _io.Of("/").Options.MaxJsonDepth);
    }

    private void Check(byte[] input, ref Behaviour behaviour)
    {
        var nsp = _io.Of("/");
        behaviour.Add(nsp.Sockets.Count);
        behaviour.AddLength(_redis.Published.Count);
        if (_isSharded)
            return;

        foreach (var form in RewrittenBody.AllForms)
        {
            var rewritten = new RewrittenBody(nsp, form);
            behaviour.Add(rewritten.Check(input) ? 1 : 0);
        }

        foreach (var pending in (PendingRequest[])
        [
            new PendingList<RemoteSocket>("sockets", new AdapterReader(nsp).ReadSocket, static () => { }, 1),
            new PendingList<string>("rooms", static (_, item) => AdapterBody.NameOfRoom(item), static () => { }, 1),
            new PendingBroadcast(nsp, new IgnoredAcks()),
            new PendingServerSideEmit(nsp, "data", new IgnoredAcks()),
            new PendingServerSideEmit(nsp, "packet", new IgnoredAcks()),
        ])
            behaviour.Add(IsAnswer(nsp, pending, input) ? 1 : 0);
    }

    private static bool IsAnswer(SocketIONamespace nsp, PendingRequest pending, byte[] input)
    {
        try
        {
            var body = new AdapterReader(nsp).Read(input);
            pending.Receive(body, body.Root);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
