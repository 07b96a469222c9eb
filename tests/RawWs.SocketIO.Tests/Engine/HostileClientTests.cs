using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using RawWs.SocketIO.Engine;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Engine;

/// <summary>Clients that mean harm: each costs itself its connection, and nobody else anything.</summary>
public sealed class HostileClientTests
{
    private const string Handshake =
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    // Unmasked, of no opcode, with a bit of no extension, a continuation of nothing, text that is none, and a length that is too long for it.
    public static TheoryData<string, int> Violations() => new()
    {
        { "810132", 1002 },
        { "838000000000", 1002 },
        { "C18000000000", 1002 },
        { "808000000000", 1002 },
        { "818100000000FF", 1007 },
        { "82FE000100000000", 1002 },
        { "82FFFFFFFFFFFFFFFFFF00000000", 1002 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_before_within_and_after_a_change_of_transport_ends_that_connection_only(string hex, int code)
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("echo", (string text) => text)));
        await using var bystander = await server.OpenWebSocketAsync();
        await bystander.SendAsync("40");
        Assert.StartsWith("40{", await bystander.ReadAsync(), StringComparison.Ordinal);

        // Without polling first, instead of a probe, after the probe, and after the change.
        for (var stage = 0; stage < 4; stage++)
        {
            await using var client = stage == 0 ? await server.OpenWebSocketAsync() : await server.OpenPollingAsync();
            if (stage > 0)
                await client.OpenUpgradeAsync();

            if (stage > 1)
            {
                await client.SendAsync("2probe");
                Assert.Equal("3probe", await client.ReadAsync());
            }

            if (stage > 2)
                await client.SendAsync("5");

            await client.WebSocket.SendAsync(Convert.FromHexString(hex));
            Assert.Equal($"close {code}", await client.ReadAsync());

            await bystander.SendAsync($"42{stage}[\"echo\",\"still here\"]");
            Assert.Equal($"43{stage}[\"still here\"]", await bystander.ReadAsync());
        }

        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_reset_at_any_byte_of_a_session_leaves_nothing()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("echo", (string text) => text)));
        byte[] session = [.. Encoding.ASCII.GetBytes(Handshake), .. WireFrame.MaskedText("40"), .. WireFrame.MaskedText("421[\"echo\",\"x\"]"), .. WireFrame.MaskedText("41"), .. WireFrame.MaskedClose(1000)];

        for (var length = 0; length <= session.Length; length++)
        {
            await using var client = server.Connect();
            var connection = client.ConnectRaw();
            await connection.SendAsync(session[..length]);
            connection.Abort();
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0 && server.IO.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData("poll")]
    [InlineData("post")]
    [InlineData("upgrade")]
    public async Task A_reset_at_any_byte_of_a_request_of_a_polling_session_leaves_nothing(string request)
    {
        // That go well, each on a connection that stays.
        const int RequestsBefore = 3;

        var (sockets, endCount, questions) = (new ConcurrentQueue<WeakReference>(), 0, new ConcurrentQueue<Task>());
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket =>
        {
            sockets.Enqueue(new WeakReference(socket));
            questions.Enqueue(socket.Timeout(TimeSpan.FromHours(1)).EmitWithAckAsync("question"));
            socket.OnDisconnect(_ => Interlocked.Increment(ref endCount));
        }));

        for (var (length, isWhole) = (0, false); !isWhole; length += 3)
        {
            await using var client = await server.OpenPollingAsync();
            await client.PostAsync("40");
            await client.PollAsync();
            var bytes = request switch
            {
                "poll" => Encoding.ASCII.GetBytes($"GET /socket.io/?{client.SessionQuery} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                "post" => Encoding.ASCII.GetBytes($"POST /socket.io/?{client.SessionQuery} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\n\r\n42[\"e\"]\u001e43[]"),
                _ => (byte[])[.. Encoding.ASCII.GetBytes(Handshake.Replace("websocket HTTP", $"websocket&sid={client.Sid} HTTP", StringComparison.Ordinal)), .. WireFrame.MaskedText("2probe"), .. WireFrame.MaskedText("5"), .. WireFrame.MaskedText("42[\"e\"]")],
            };
            isWhole = length >= bytes.Length;
            var connection = client.ConnectRaw();
            await connection.SendAsync(bytes[..Math.Min(length, bytes.Length)]);
            connection.Abort();
        }

        // Some are gone at once, and the others when they do not answer a ping.
        await Eventually.CompletesAsync(server.Time, Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == sockets.Count * RequestsBefore);
        await Eventually.HoldsAsync(() => Volatile.Read(ref endCount) == sockets.Count);
        foreach (var question in questions)
            await Assert.ThrowsAsync<SocketDisconnectedException>(() => question);

        Assert.Empty(server.IO.Sockets);
        questions.Clear();
        await Eventually.HoldsAsync(() =>
        {
            GC.Collect();

            // Of the last one a register may still know.
            return sockets.Count(static socket => socket.IsAlive) <= 1;
        });

        // Nor is any of them counted as one that nothing carries.
        Assert.Equal(0, server.IO.DetachedConnectionCount);
        Assert.Empty(server.Log.AboveDebug);
    }

    // In Node an event of this name that nobody handles ends the process (CVE-2024-38355).
    [Fact]
    public async Task An_event_that_is_called_error_is_one_like_any_other()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("echo", (string text) => text)));
        await using var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40");
        Assert.StartsWith("40{", await client.ReadAsync(), StringComparison.Ordinal);

        await client.SendAsync("42[\"error\",{\"message\":\"x\"}]");
        await client.SendAsync("421[\"echo\",\"still here\"]");

        Assert.Equal("431[\"still here\"]", await client.ReadAsync());
        Assert.Empty(server.Log.AboveDebug);
    }

    // Who guesses the id of a session may speak in its name (CVE-2017-16031).
    [Fact]
    public void Ids_of_sessions_are_120_random_bits()
    {
        const int Count = 10_000, BitCount = 120;
        var ids = Enumerable.Range(0, Count).Select(_ => SessionId.New()).ToHashSet();
        var ones = new int[BitCount];
        foreach (var bytes in ids.Select(id => Base64Url.DecodeFromChars(id)))
        {
            for (var bit = 0; bit < BitCount; bit++)
                ones[bit] += (bytes[bit / 8] >> (bit % 8)) & 1;
        }

        // Twenty standard deviations: chance alone does not come near them.
        Assert.Equal(Count, ids.Count);
        Assert.All(ones, count => Assert.InRange(count, (Count / 2) - 1_000, (Count / 2) + 1_000));
    }
}
