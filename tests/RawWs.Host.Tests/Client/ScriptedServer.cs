using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace RawWs.Host.Tests;

/// <summary>
/// A server that says to its one client what it is told to, right behind its answer to the opening handshake and in the same write: the client has all of it before it has
/// said anything else.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    // RFC 6455 §1.3.
    private const string Suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _serving;

    private ScriptedServer(string headers, byte[] frames, bool hangsUp)
    {
        _listener.Start();
        _serving = ServeAsync(headers, frames, hangsUp);
    }

    public Uri Uri => new($"ws://{_listener.LocalEndpoint}/");

    /// <param name="frames">What it says, in hexadecimal digits.</param>
    /// <param name="headers">More lines of the answer to the handshake, each ended by CR LF.</param>
    /// <param name="hangsUp">Whether it ends the connection then.</param>
    public static ScriptedServer Start(string frames, string headers = "", bool hangsUp = false) => new(headers, Convert.FromHexString(frames), hangsUp);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();

        // However it has ended: its client has gone in the midst of it, or has never come.
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task ServeAsync(string headers, byte[] frames, bool hangsUp)
    {
        using var client = await _listener.AcceptTcpClientAsync(_ended.Token);
        var stream = client.GetStream();
        using var request = new StreamReader(stream, Encoding.Latin1);
        var key = "";
        while (await request.ReadLineAsync(_ended.Token) is { Length: > 0 } line)
            key = line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase) ? line.Split(": ")[1] : key;

#pragma warning disable CA5350 // SHA-1 is what §4.2.2 prescribes; it proves that the server speaks WebSocket and protects nothing.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Suffix)));
#pragma warning restore CA5350
        var head = $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{headers}\r\n";
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. frames], _ended.Token);

        // Whatever the client answers, until it has gone.
        if (!hangsUp)
            await stream.CopyToAsync(Stream.Null, _ended.Token);
    }
}
