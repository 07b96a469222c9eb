using System.Net;
using System.Net.Sockets;

namespace RawWs.Tests.Transport;

/// <summary>Two ends of a TCP connection on the loopback interface; the server's as the transport sets it up.</summary>
internal sealed class SocketPair : IDisposable
{
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private SocketPair(Socket server, Socket client) => (Server, Client) = (server, client);

    public Socket Server { get; }

    /// <summary>Whether somebody else disposes the server's end.</summary>
    public bool IsServerTaken { get; set; }

    public Socket Client { get; }

    public static async Task<SocketPair> ConnectAsync(int bufferSize = 0)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();

        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (bufferSize > 0)
            client.ReceiveBufferSize = bufferSize;

        await client.ConnectAsync(listener.LocalEndPoint!);
        var server = await listener.AcceptAsync();
        (server.Blocking, server.NoDelay) = (false, true);
        if (bufferSize > 0)
            server.SendBufferSize = bufferSize;

        return new SocketPair(server, client);
    }

    /// <summary>Ends the client's side with a reset.</summary>
    public void ResetClient()
    {
        Client.LingerState = new LingerOption(true, 0);
        Client.Dispose();
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!IsServerTaken)
            Server.Dispose();
    }
}
