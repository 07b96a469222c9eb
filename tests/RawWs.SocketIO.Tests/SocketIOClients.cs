using System.Text.Json;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>Clients that have joined a namespace.</summary>
internal static class SocketIOClients
{
    /// <summary>A client over a WebSocket that has joined; its socket is in its rooms.</summary>
    public static async Task<EngineClient> ConnectAsync(this SocketIOTestServer server, string packet = "40")
        => (await server.ConnectSocketAsync(packet)).Client;

    /// <summary>The same, with its socket.</summary>
    public static async Task<(EngineClient Client, SocketIOSocket Socket)> ConnectSocketAsync(this SocketIOTestServer server, string packet = "40")
    {
        var client = await server.OpenWebSocketAsync();
        await client.SendAsync(packet);
        var reply = await client.ReadAsync();
        var socket = await server.FindAsync(reply);
        await client.WebSocket.WaitUntilServerWaitsAsync();
        return (client, socket);
    }

    /// <summary>The socket that a reply to a client is about: the reply is written before the socket is in its rooms.</summary>
    public static async Task<SocketIOSocket> FindAsync(this SocketIOTestServer server, string reply)
    {
        var (nsp, id, _) = Read(reply);
        SocketIOSocket? socket = null;
        await Eventually.HoldsAsync(() => (socket = server.IO.Of(nsp).Sockets.FirstOrDefault(other => other.Id == id)) is not null);
        return socket!; // It has been found.
    }

    /// <summary>The same in a namespace that clients have made: asking the server for it would make it the application's.</summary>
    public static async Task<SocketIOSocket> FindAsync(this ParentNamespace parent, string reply)
    {
        var (nsp, id, _) = Read(reply);
        SocketIOSocket? socket = null;
        await Eventually.HoldsAsync(() => (socket = parent.Children.SelectMany(child => child.Sockets).FirstOrDefault(other => other.Id == id && other.Namespace.Name == nsp)) is not null);
        return socket!; // It has been found.
    }

    /// <summary>What a client is told when it has joined.</summary>
    public static (string Namespace, string Id, string? PrivateId) Read(string reply)
    {
        Assert.StartsWith("40", reply, StringComparison.Ordinal);
        var start = reply.IndexOf('{', StringComparison.Ordinal);
        var payload = JsonDocument.Parse(reply[start..]).RootElement;
        return (
            start == 2 ? "/" : reply[2..(start - 1)],
            payload.GetProperty("sid").GetString()!, // It is always there.
            payload.TryGetProperty("pid", out var pid) ? pid.GetString() : null);
    }
}
