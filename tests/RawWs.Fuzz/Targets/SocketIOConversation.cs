using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RawWs.SocketIO;
using RawWs.Testing;

namespace RawWs.Fuzz;

/// <summary>One run of the conversation target: what the input says is sent, and how the server is set up is drawn from a generator that the input seeds.</summary>
internal sealed partial class SocketIOConversation
{
    // Real time, for whatever the thread pool has not come to yet; only a machine that stands still comes here.
    private const int MostPatience = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private readonly SplitMix64 _random;
    private readonly TestServer _server;
    private readonly SocketIOServer _io;
    private readonly WireClient _bystander;

    // The bystander answers no pings: this long it stays all the same, whatever the other client does.
    private readonly TimeSpan _bystanderStays;
    private TimeSpan _passed;

    private SocketIOConversation(SplitMix64 random, TestServer server, SocketIOServer io, WireClient bystander, TimeSpan bystanderStays)
        => (_random, _server, _io, _bystander, _bystanderStays) = (random, server, io, bystander, bystanderStays);

    private bool IsBystanderThere => _passed < _bystanderStays;

    public static async Task<ulong> RunAsync(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var options = new SocketIOServerOptions
        {
            ConnectionStateRecovery = random.OneIn(2) ? new() : null,
            Parser = random.OneIn(3) ? SocketIOParser.MessagePack : SocketIOParser.Json,
            MaxNamespacesPerConnection = 3,
            MaxDynamicNamespaceCount = 2,
        };
        SocketIOServer? io = null;
        await using var server = await TestServer.StartAsync(
            configure: core => (options.TimeProvider, options.LoggerFactory) = (core.TimeProvider, core.LoggerFactory),
            map: core => io = SetUp(core, options));
        await using var bystander = server.Connect();
        await bystander.OpenAsync(path: "/socket.io/?EIO=4&transport=websocket");
        var conversation = new SocketIOConversation(random, server, io!, bystander, options.PingInterval + options.PingTimeout); // It has been set up.
        await conversation.GreetAsync(options.Parser);
        await (random.OneIn(2) ? conversation.SpeakOverWebSocketAsync(input) : conversation.PollAsync(input));
        var behaviour = await conversation.CheckAsync();

        // What counts for a server is held until it closes.
        await io!.CloseAsync();
        return behaviour;
    }

    private static SocketIOServer SetUp(WebSocketServer core, SocketIOServerOptions options)
    {
        var io = new SocketIOServer(core, options);
        io.Of("/admin").Use(_ => Task.CompletedTask);
        io.Of(Dynamic());
        io.OnConnection(socket =>
        {
            // What a client's values are good for is its affair.
            socket.OnError(_ => { });
            socket.On("ask", () => 1);
            socket.On("echo", received => socket.EmitAsync("echo", [.. received.Values]));
            socket.OnAny(received =>
            {
                received.Acknowledge(received.Values.Count);
                return socket.Broadcast.Volatile.EmitAsync("heard");
            });
            _ = AskAsync(socket);
        });
        return io;
    }

    // Who does not answer, answers something else, or goes, is no news.
    private static async Task AskAsync(SocketIOSocket socket)
    {
        try
        {
            await socket.EmitWithAckAsync<JsonElement>("q").ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or TimeoutException or EventValueException)
        {
            // It is what some clients do.
        }
    }

    private async Task GreetAsync(SocketIOParser parser)
    {
        var connect = parser == SocketIOParser.Json ? WireFrame.MaskedText("40") : WireFrame.Masked(0x82, Encoding.Latin1.GetBytes("\u0082\u00a4type\0\u00a3nsp\u00a1/"));
        await _bystander.ReadFrameAsync();
        await _bystander.SendAsync(connect);
        await _bystander.ReadFrameAsync();
    }

    private async Task SpeakOverWebSocketAsync(byte[] input)
    {
        await using var client = _server.Connect(capacity: 1 << 20);
        await client.OpenAsync(path: "/socket.io/?EIO=4&transport=websocket");
        try
        {
            foreach (var (data, isBinary) in PacketMessages.Read(input))
            {
                await client.SendAsync(WireFrame.Masked(isBinary ? (byte)0x82 : (byte)0x81, data));
                if (_random.OneIn(8))
                    Advance(TimeSpan.FromSeconds(_random.Of<int>([1, 10, 50])));
            }
        }
        catch (IOException)
        {
            // The server has ended it before all was said.
        }

        client.Abort();
    }

    private async Task PollAsync(byte[] input)
    {
        var handshake = await RequestAsync("GET", "EIO=4&transport=polling", []);
        var sid = JsonDocument.Parse(handshake.Content.AsMemory(1)).RootElement.GetProperty("sid").GetString();
        foreach (var (data, isBinary) in PacketMessages.Read(input))
        {
            var body = isBinary ? Encoding.ASCII.GetBytes("b" + Convert.ToBase64String(data)) : data;
            var response = await RequestAsync("POST", $"EIO=4&transport=polling&sid={sid}", body);
            FindingException.ThrowUnless(response.Status is 200 or 400, $"a request is answered with {response.Status}");
        }

        // The session is over by now, or the server has closed it and waits for a last poll.
        await RequestAsync("POST", $"EIO=4&transport=polling&sid={sid}", "1"u8.ToArray());
        await RequestAsync("GET", $"EIO=4&transport=polling&sid={sid}", []);
    }

    private async Task<WireResponse> RequestAsync(string method, string query, byte[] body)
    {
        await using var client = _server.Connect(capacity: 1 << 20);
        var length = method == "GET" ? "" : $"Content-Length: {body.Length}\r\n";
        await client.SendAsync(Encoding.ASCII.GetBytes($"{method} /socket.io/?{query} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n"), body);
        return await client.ReadResponseAsync();
    }

    private void Advance(TimeSpan time)
    {
        _passed += time;
        _server.Time.Advance(time);
    }

    private async Task<ulong> CheckAsync()
    {
        if (IsBystanderThere)
            await CheckBystanderAsync();
        else
            _bystander.Abort();

        var staying = IsBystanderThere ? 1 : 0;
        for (var wait = 0; wait < MostPatience && _io.ConnectionCount > staying; wait++)
            await Task.Delay(Patience);

        FindingException.ThrowUnless(_io.ConnectionCount >= staying, "the connection of the bystander ends");
        FindingException.ThrowUnless(_io.ConnectionCount <= staying, "the connection does not end");

        var loud = string.Join('\n', _server.Log.AboveDebug);
        FindingException.ThrowUnless(loud.Length == 0, $"what a client did is logged above Debug: {loud}");
        return 0;
    }

    // It takes what is sent; among that may be what the other client has caused.
    private async Task CheckBystanderAsync()
    {
        await _io.EmitAsync("end");
        while (true)
        {
            var frame = await _bystander.ReadFrameAsync();
            FindingException.ThrowUnless(frame.Opcode != 8, "the connection of the bystander is closed");
            if (frame.Payload.AsSpan().IndexOf("end"u8) >= 0)
                return;
        }
    }

    [GeneratedRegex("^/dyn-[0-9]+$")]
    private static partial Regex Dynamic();
}
