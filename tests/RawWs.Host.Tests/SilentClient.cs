using System.Net.Sockets;
using System.Text;

namespace RawWs.Host.Tests;

/// <summary>A client that opens a connection and then answers nothing, not even a close frame.</summary>
internal sealed class SilentClient : IDisposable
{
    private readonly TcpClient _tcp = new();

    public static async Task<SilentClient> ConnectAsync(Uri url, CancellationToken cancellationToken)
    {
        var client = new SilentClient();
        try
        {
            await client._tcp.ConnectAsync("127.0.0.1", url.Port, cancellationToken);
            await client.UpgradeAsync(url, cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public async Task<byte[]> ReceiveAsync(int length, CancellationToken cancellationToken)
    {
        var received = new byte[length];
        await _tcp.GetStream().ReadExactlyAsync(received, cancellationToken);
        return received;
    }

    /// <summary>Waits until the server drops TCP, and expects it to do so by a reset.</summary>
    public async Task AssertResetAsync(CancellationToken cancellationToken)
    {
        var error = await Assert.ThrowsAsync<IOException>(async () =>
        {
            var discarded = new byte[1024];
            while (await _tcp.GetStream().ReadAsync(discarded, cancellationToken) > 0)
            {
            }
        });

        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
    }

    public void Dispose() => _tcp.Dispose();

    // The request of RFC 6455 §1.3.
    private async Task UpgradeAsync(Uri url, CancellationToken cancellationToken)
    {
        var request = $"GET {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        await _tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), cancellationToken);

        // Byte by byte, so that no frame behind it is taken.
        var response = new StringBuilder();
        while (!response.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            response.Append((char)(await ReceiveAsync(1, cancellationToken))[0]);

        Assert.StartsWith("HTTP/1.1 101 ", response.ToString(), StringComparison.Ordinal);
    }
}
