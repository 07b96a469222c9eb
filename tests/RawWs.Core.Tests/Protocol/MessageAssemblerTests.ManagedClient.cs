using System.Net.WebSockets;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class MessageAssemblerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task Messages_of_a_managed_client_are_received(int length)
    {
        byte[] binary = [.. Enumerable.Range(0, length).Select(index => (byte)(index * 31))];
        byte[] text = [.. Enumerable.Repeat((byte)'x', length)];

        var wire = await ManagedClient.WireOf(async client =>
        {
            await client.SendAsync(binary, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            await client.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        });

        string[] expected = [$"Binary {Hex.Of(binary)}".TrimEnd(), $"Text {Hex.Of(text)}".TrimEnd(), "Close 03e8627965"];
        Assert.Equal(expected, Transcript.Of(wire));
        Assert.Equal(expected, Transcript.Of(wire, streaming: true));
    }

    [Fact]
    public async Task Fragments_of_a_managed_client_are_received()
    {
        var euro = Hex.Bytes("e2 82 ac");
        var wire = await ManagedClient.WireOf(async client =>
        {
            await client.SendAsync(euro.AsMemory(0, 1), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
            await client.SendAsync(euro.AsMemory(1, 1), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
            await client.SendAsync(euro.AsMemory(2, 1), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
            await client.SendAsync(euro.AsMemory(0, 0), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        });

        Assert.Equal(["Text e282ac"], Transcript.Of(wire));
        Assert.Equal(["Text e282ac"], Transcript.Of(wire, streaming: true));
    }

    // The client answers our ping by itself, with a pong that carries the ping's payload (§5.5.3), and our close frame when it is told to.
    [Fact]
    public async Task Answers_of_a_managed_client_are_received()
    {
        byte[] ours =
        [
            .. FrameHeaderTests.ServerFrame(Opcode.Ping, fin: true, "Hello"u8),
            .. FrameHeaderTests.ServerFrame(Opcode.Close, fin: true, Hex.Bytes("0fa1")),
        ];
        await using var stream = new InMemoryStream(_ => ours, mostPerRead: int.MaxValue);
        using var client = ManagedClient.Over(stream);

        var received = await client.ReceiveAsync(new Memory<byte>(new byte[16]), CancellationToken.None);
        Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        await client.CloseOutputAsync(client.CloseStatus!.Value, statusDescription: null, CancellationToken.None);

        Assert.Equal([$"Pong {Hello}", "Close 0fa1"], Transcript.Of(stream.Written));
    }
}
