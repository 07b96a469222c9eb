using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RawWs.Load;

/// <summary>A connection over TLS that sends one masked message at a time and reads its echo by its length.</summary>
internal sealed class TlsEchoConnection : IDisposable
{
    private const byte Ping = 0x89;
    private const int HeaderStart = 2;

    private readonly SslStream _stream;
    private readonly byte[] _frame;
    private readonly byte[] _echo;

    private TlsEchoConnection(SslStream stream, int size)
    {
        _stream = stream;

        // A masking key of zeros: legal, and nothing to compute. A server's frame is the same without it.
        byte[] length = size switch { < 126 => [(byte)size], <= ushort.MaxValue => [126, (byte)(size >> 8), (byte)size], _ => [127, 0, 0, 0, 0, (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size] };
        _frame = [0x82, (byte)(0x80 | length[0]), .. length[1..], 0, 0, 0, 0, .. new byte[size]];
        _echo = new byte[_frame.Length - 4];
    }

    public static async Task<TlsEchoConnection> OpenAsync(Uri url, int size, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var endPoint = new IPEndPoint(IPAddress.Loopback, url.Port);
            SourceAddresses.BindNext(socket, endPoint);
            await socket.ConnectAsync(endPoint, cancellationToken);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = url.Host, RemoteCertificateValidationCallback = IsThere }, cancellationToken);
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"),
                cancellationToken);
            await ReadHeadAsync(stream, cancellationToken);
            return new TlsEchoConnection(stream, size);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends the message and waits for its echo.</summary>
    public async ValueTask EchoAsync(CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(_frame, cancellationToken);
        await _stream.ReadExactlyAsync(_echo.AsMemory(0, HeaderStart), cancellationToken);

        // A server that is busy with others may ask whether this one is still there.
        while (_echo[0] == Ping)
        {
            await _stream.ReadExactlyAsync(new byte[_echo[1]], cancellationToken);
            await _stream.ReadExactlyAsync(_echo.AsMemory(0, HeaderStart), cancellationToken);
        }

        if (_echo[0] != _frame[0])
            throw new IOException($"The server sent a frame that begins with {_echo[0]:X2}.");

        await _stream.ReadExactlyAsync(_echo.AsMemory(HeaderStart), cancellationToken);
    }

    public void Dispose() => _stream.Dispose();

    // A server that is measured here has a certificate of its own making.
    private static bool IsThere(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    private static async Task ReadHeadAsync(SslStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            head.Append((char)one[0]);
        }

        if (!head.ToString().StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
            throw new IOException($"The server refused the WebSocket: {head}");
    }
}
