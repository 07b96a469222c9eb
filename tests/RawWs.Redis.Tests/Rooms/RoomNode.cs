using System.Collections.Concurrent;
using System.Threading.Channels;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>A node: a server in memory with one member of the room <c>a</c>, who keeps what is said there. Where something is missing, the server says <c>(lost)</c>.</summary>
internal sealed class RoomNode : IAsyncDisposable
{
    public const string Lost = "(lost)";

    private readonly ConcurrentQueue<string> _heard = new();
    private readonly TestServer _server;
    private readonly WireClient _member;
    private readonly Task _reading;

    private RoomNode(TestServer server, WireClient member, RedisRoomBackplane backplane, RedisClient? client)
    {
        (_server, _member, Backplane, Client) = (server, member, backplane, client);
        _reading = Task.Run(ReadAsync);
    }

    public RedisRoomBackplane Backplane { get; }

    /// <summary>Its client; null if somebody else has it.</summary>
    public RedisClient? Client { get; }

    public RoomDirectory Rooms => _server.Server.Rooms;

    public RecordingLoggerFactory Log => _server.Log;

    /// <summary>What the member was sent.</summary>
    public string[] Heard => [.. _heard];

    /// <summary>Starts one, and waits until it is connected to others.</summary>
    public static async Task<RoomNode> StartAsync(RedisOptions redis, RedisBackplaneOptions? options = null)
    {
        var node = await StartUnconnectedAsync(redis, options);
        await Eventually.HoldsAsync(() => node.Backplane.IsConnected);
        return node;
    }

    /// <summary>Starts one.</summary>
    public static Task<RoomNode> StartUnconnectedAsync(RedisOptions redis, RedisBackplaneOptions? options = null)
    {
        var client = new RedisClient(redis);
        return StartUnconnectedAsync(new RedisRoomBackplane(client, options), client);
    }

    /// <summary>Starts one with any backplane.</summary>
    public static async Task<RoomNode> StartUnconnectedAsync(RedisRoomBackplane backplane, RedisClient? client = null)
    {
        var opened = Channel.CreateUnbounded<WebSocketConnection>();
        var server = await TestServer.StartAsync(
            async (connection, cancellationToken) =>
            {
                await opened.Writer.WriteAsync(connection, CancellationToken.None);
                await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                {
                    // Members here only listen.
                }
            },
            configure =>
            {
                configure.RoomBackplane = backplane;

                // Members are as slow as this machine; that is not what is tested here.
                (configure.MaxSendQueueSize, configure.MaxSendQueueCount) = (256 << 20, 1_000_000);
                configure.RoomOptions = _ => new RoomOptions { HistoryCount = 10_000, MaxHistorySize = 64 << 20 };
            });
        var member = await server.OpenAsync();
        server.Server.Rooms["a"].Join(await opened.Reader.ReadAsync());
        await Eventually.HoldsAsync(() => backplane.HasStarted);
        server.Server.Rooms.MessagesLost += () => server.Server.Rooms["a"].OnThisNode.Broadcast(Lost);
        return new RoomNode(server, member, backplane, client);
    }

    /// <summary>Says something in the room, which the member here hears whatever becomes of the others.</summary>
    public void Say(params string[] texts)
    {
        foreach (var text in texts)
            Assert.Equal(new BroadcastResult(1, 0), Rooms["a"].Broadcast(text));
    }

    /// <summary>Waits until the member has heard something.</summary>
    public Task HearsAsync(string text) => Eventually.HoldsAsync(() => _heard.Contains(text));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();

        // The server stops at once, and does not wait for it; what it needs is to stay until it has ended.
        await Backplane.DisposeAsync();
        await _reading;
        await _member.DisposeAsync();
        if (Client is not null)
            await Client.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _member.ReadFrameAsync() is { Opcode: 1 } frame)
                _heard.Enqueue(frame.Text);
        }
        catch (IOException)
        {
            // The server has ended.
        }
    }
}
