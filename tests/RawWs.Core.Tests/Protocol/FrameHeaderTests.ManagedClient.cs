using System.Net.WebSockets;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class FrameHeaderTests
{
    [Theory]
    [InlineData(0, int.MaxValue)]
    [InlineData(1, 1)]
    [InlineData(125, 1)]
    [InlineData(126, 1)]
    [InlineData(127, 3)]
    [InlineData(65_535, 1000)]
    [InlineData(65_536, 1000)]
    [InlineData(70_001, int.MaxValue)]
    public async Task Frame_is_read_by_a_managed_client(int length, int mostPerRead)
    {
        byte[] payload = [.. Enumerable.Range(0, length).Select(index => (byte)(index % 127))];
        byte[] wire =
        [
            .. ServerFrame(Opcode.Binary, fin: true, payload),
            .. ServerFrame(Opcode.Text, fin: false, payload),
            .. ServerFrame(Opcode.Pong, fin: true, [1, 2, 3]),
            .. ServerFrame(Opcode.Continuation, fin: true, "€"u8),
        ];
        await using var stream = new InMemoryStream(_ => wire, mostPerRead);
        using var client = ManagedClient.Over(stream);

        var (binaryType, binary) = await ReceiveAsync(client);
        Assert.Equal(WebSocketMessageType.Binary, binaryType);
        Assert.Equal(payload, binary);

        var (textType, text) = await ReceiveAsync(client);
        Assert.Equal(WebSocketMessageType.Text, textType);
        Assert.Equal([.. payload, .. "€"u8], text);
    }

    [Theory]
    [InlineData(CloseCode.NormalClosure, "")]
    [InlineData(CloseCode.GoingAway, "κόσμε 😀")]
    [InlineData((CloseCode)4999, "x")]
    public async Task Close_frame_is_read_by_a_managed_client(CloseCode code, string reason)
    {
        var body = new byte[FrameHeader.MaxShortPayloadLength];
        var length = new ClosePayload(code, reason).Write(body);
        await using var stream = new InMemoryStream(_ => ServerFrame(Opcode.Close, fin: true, body.AsSpan(0, length)), mostPerRead: 1);
        using var client = ManagedClient.Over(stream);

        var (type, _) = await ReceiveAsync(client);
        Assert.Equal(WebSocketMessageType.Close, type);
        Assert.Equal(((int)code, reason), ((int?)client.CloseStatus, client.CloseStatusDescription));
    }

    internal static byte[] ServerFrame(Opcode opcode, bool fin, ReadOnlySpan<byte> payload)
    {
        var header = new byte[FrameHeader.MaxLength];
        var length = FrameHeader.Write(header, opcode, fin, payload.Length);
        return [.. header[..length], .. payload];
    }

    private static async Task<(WebSocketMessageType Type, byte[] Payload)> ReceiveAsync(WebSocket client)
    {
        var payload = new List<byte>();
        var buffer = new byte[4096];

        while (true)
        {
            var received = await client.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            payload.AddRange(buffer.AsSpan(0, received.Count));
            if (received.EndOfMessage)
                return (received.MessageType, [.. payload]);
        }
    }
}
