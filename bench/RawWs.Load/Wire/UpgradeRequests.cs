using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace RawWs.Load;

/// <summary>The request heads, each made once. The key is that of RFC 6455 §1.3: nobody here is to be convinced.</summary>
internal static class UpgradeRequests
{
    private static readonly ConcurrentDictionary<(string Path, int Port), byte[]> Heads = new();

    public static byte[] Of(IPEndPoint server, string path) => Heads.GetOrAdd((path, server.Port), static key => Encoding.ASCII.GetBytes(
        $"GET {key.Path} HTTP/1.1\r\nHost: localhost:{key.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
}
