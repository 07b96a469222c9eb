using System.Net.WebSockets;
using System.Text;

namespace RawWs.Host.Tests;

/// <summary>Whole messages for a client that knows only pieces.</summary>
internal static class ClientWebSocketExtensions
{
    extension(ClientWebSocket client)
    {
        public Task SendAsync(string text, CancellationToken cancellationToken)
            => client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

        public Task SendAsync(byte[] payload, CancellationToken cancellationToken)
            => client.SendAsync(payload, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

        public async Task<(WebSocketMessageType Type, byte[] Payload)> ReceiveMessageAsync(CancellationToken cancellationToken)
        {
            using var payload = new MemoryStream();
            var piece = new byte[64 * 1024];
            while (true)
            {
                var received = await client.ReceiveAsync(piece, cancellationToken);
                payload.Write(piece, 0, received.Count);
                if (received.EndOfMessage)
                    return (received.MessageType, payload.ToArray());
            }
        }

        /// <summary>What is sent comes back.</summary>
        public async Task AssertEchoAsync(string text, CancellationToken cancellationToken)
        {
            await client.SendAsync(text, cancellationToken);
            var (type, payload) = await client.ReceiveMessageAsync(cancellationToken);

            Assert.Equal(WebSocketMessageType.Text, type);
            Assert.Equal(text, Encoding.UTF8.GetString(payload));
        }
    }
}
