using System.Buffers;
using System.Net.WebSockets;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class OpeningHandshakeTests
{
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    public async Task Managed_client_and_server_agree(int mostPerRead)
    {
        await using var stream = new InMemoryStream(Answer, mostPerRead);
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(stream) });
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("chat");
        client.Options.AddSubProtocol("superchat");
        client.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;

        await client.ConnectAsync(new Uri("ws://server.example.com/chat?room=1"), http, CancellationToken.None);

        Assert.Equal((WebSocketState.Open, "superchat"), (client.State, client.SubProtocol));
    }

    // The whole of the server's side: what was written by the client, answered as soon as it is a head.
    private static byte[] Answer(byte[] written)
    {
        using var head = new RequestHead(HeadTranscript.Roomy);
        var input = new ReadOnlySequence<byte>(written);
        if (!head.TryRead(ref input))
            return [];

        OpeningHandshake.CheckRequest(head);
        OpeningHandshake.CheckUpgrade(head);
        Assert.Equal(new RequestTarget("/chat", "room=1"), head.Target);

        var output = new ArrayBufferWriter<byte>();
        var subprotocol = OpeningHandshake.ReadSubprotocols(head)[1];
        ResponseHead.WriteSwitchingProtocols(output, head.ValueOf(head.IndexOf("Sec-WebSocket-Key"u8)), subprotocol, "", []);
        return output.WrittenSpan.ToArray();
    }
}
