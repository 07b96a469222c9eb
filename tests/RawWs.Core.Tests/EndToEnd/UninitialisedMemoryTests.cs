using System.Buffers;
using System.Text;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.EndToEnd;

/// <summary>What is sent is what was given, and nothing of what its memory held before.</summary>
/// <remarks>Other servers have sent what others had left in their buffers (CVE-2016-10518, CVE-2026-45736).</remarks>
public class UninitialisedMemoryTests : LoopbackTests
{
    private const byte Canary = 0xC5;
    private const byte Ping = 0x89, Pong = 0x8A, Close = 0x88;
    private const string Path = "/dirty";

    [Fact]
    public async Task Every_way_to_send_sends_exactly_its_bytes_whatever_its_memory_held_before()
    {
        await using var server = await StartServerAsync(
            configure: options => options.KeepAliveInterval = Timeout.InfiniteTimeSpan,
            map: server => server.Map(Path, (connection, cancellationToken) => SpeakAsync(server, connection, cancellationToken)));
        await using var dirtying = await server.OpenAsync();
        for (var round = 0; round < 20; round++)
        {
            await DirtyAsync(dirtying);
            await using var client = await server.ConnectAsync();
            await client.OpenAsync(path: Path);
            var (messages, control) = await ListenAsync(client);

            (MessageType, byte[])[] expected =
            [
                (MessageType.Text, "a text"u8.ToArray()), (MessageType.Text, "t"u8.ToArray()), (MessageType.Binary, [1, 2, 3]), (MessageType.Text, "as text"u8.ToArray()),
                (MessageType.Binary, []), (MessageType.Binary, new byte[70_000]), (MessageType.Text, "prepared"u8.ToArray()), (MessageType.Text, "without waiting"u8.ToArray()),
                (MessageType.Binary, new byte[5_000]), (MessageType.Text, "a broadcast"u8.ToArray()),
            ];
            Assert.Equal(expected.Select(Shown), messages.Select(Shown));
            Assert.Equal([Pong, Ping, Close], control.Select(frame => frame.First));
            Assert.Equal("pong"u8, control[0].Payload);
            Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1], control[1].Payload);
            Assert.Equal([0x0F, 0xA0, .. "a reason"u8], control[2].Payload);
        }
    }

    [Fact]
    public async Task A_response_is_exactly_its_bytes_whatever_its_memory_held_before()
    {
        await using var server = await StartServerAsync(map: server =>
        {
            server.MapGet("/text", (_, _) => new(HttpResponse.Text("text")));
            server.MapGet("/streamed", (_, _) => new(HttpResponse.Streamed(new MemoryStream(new byte[5_000]), "application/octet-stream")));
        });
        await using var dirtying = await server.OpenAsync();
        for (var round = 0; round < 20; round++)
        {
            await DirtyAsync(dirtying);
            await using var client = await server.ConnectAsync();

            await client.SendAsync("GET /text HTTP/1.1\r\nHost: a\r\n\r\n");
            var text = await client.ReadResponseAsync();
            await client.SendAsync("GET /streamed HTTP/1.1\r\nHost: a\r\n\r\n");
            var streamed = await client.ReadResponseAsync();
            await client.SendAsync("GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            var none = await client.ReadResponseAsync();

            Assert.Equal("text", text.Text);
            Assert.Equal(new byte[5_000], streamed.Content);
            Assert.All((string[])[text.Head, streamed.Head, none.Head + none.Text], said => Assert.DoesNotContain((char)Canary, said));
            Assert.True(await client.IsAtEndAsync());
        }
    }

    private static async Task SpeakAsync(WebSocketServer server, WebSocketConnection connection, CancellationToken cancellationToken)
    {
        await connection.SendAsync("a text", cancellationToken);
        await connection.SendAsync("t", new SendOptions { Policy = SlowConsumerPolicy.Wait }, cancellationToken);
        await connection.SendAsync(new byte[] { 1, 2, 3 }, cancellationToken: cancellationToken);
        await connection.SendAsync(Encoding.UTF8.GetBytes("as text"), MessageType.Text, new SendOptions(), cancellationToken);
        await connection.SendAsync(ReadOnlyMemory<byte>.Empty, MessageType.Binary, cancellationToken);
        await connection.SendAsync(new byte[70_000], MessageType.Binary, cancellationToken);
        await connection.SendAsync(PreparedMessage.FromText("prepared"), cancellationToken: cancellationToken);
        connection.Send("without waiting");
        await connection.SendAsync(new MemoryStream(new byte[5_000]), MessageType.Binary, cancellationToken);
        var room = server.Rooms[Path];
        room.Join(connection);
        room.Broadcast("a broadcast");
        connection.SendPong("pong"u8);
        await connection.PingAsync(cancellationToken);
        await connection.CloseAsync((CloseCode)4000, "a reason");
    }

    private static string Shown((MessageType Type, byte[] Payload) message) => $"{message.Type} {Convert.ToHexString(message.Payload)}";

    // Up to the close frame, which is answered; pings are, too.
    private static async Task<(List<(MessageType Type, byte[] Payload)> Messages, List<WireFrame> Control)> ListenAsync(WireClient client)
    {
        var (messages, control) = (new List<(MessageType, byte[])>(), new List<WireFrame>());
        var (type, payload) = (default(MessageType), new List<byte>());
        while (control is not [.., { First: Close }])
        {
            var frame = await client.ReadFrameAsync();
            if (frame.Opcode >= 0x8)
            {
                control.Add(frame);
                await client.SendAsync(frame.First == Ping ? WireFrame.Masked(Pong, frame.Payload) : frame.First == Close ? WireFrame.MaskedClose(4000) : []);
                continue;
            }

            type = frame.Opcode == 0 ? type : (MessageType)frame.Opcode;
            payload.AddRange(frame.Payload);
            if (!frame.Fin)
                continue;

            messages.Add((type, [.. payload]));
            payload.Clear();
        }

        Assert.True(await client.IsAtEndAsync());
        client.EndSending();
        return (messages, control);
    }

    // The pools of the process, and the loops' own memory through which an echo goes.
    private static async Task DirtyAsync(WireClient client)
    {
        for (var size = 16; size <= 1 << 20; size *= 2)
        {
            byte[][] rented = [.. Enumerable.Range(0, 8).Select(_ => ArrayPool<byte>.Shared.Rent(size))];
            foreach (var array in rented)
            {
                array.AsSpan().Fill(Canary);
                ArrayPool<byte>.Shared.Return(array);
            }
        }

        foreach (var size in (int[])[100, 4_000, 60_000])
        {
            var payload = new byte[size];
            payload.AsSpan().Fill(Canary);
            await client.SendAsync(WireFrame.Masked(0x82, payload));
            Assert.Equal(payload, (await client.ReadFrameAsync()).Payload);
        }
    }
}
