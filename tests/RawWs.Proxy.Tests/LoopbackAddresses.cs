using System.Net;
using System.Net.Sockets;

namespace RawWs.Proxy.Tests;

/// <summary>
/// Addresses of this machine that nobody else uses: all of 127.0.0.0/8 is loopback on Linux, and whoever names no address gets 127.0.0.1. So a port that was free there
/// a moment ago still is, and every client can have an address of its own.
/// </summary>
internal static class LoopbackAddresses
{
    private static int _last;

    /// <summary>An address that no other test of this process has had; processes that run at the same time have others.</summary>
    public static IPAddress Next()
    {
        var number = Interlocked.Increment(ref _last);
        return new IPAddress([127, (byte)(1 + (Environment.ProcessId % 254)), (byte)(1 + (number / 250)), (byte)(1 + (number % 250))]);
    }

    /// <summary>A port that is free there: proxies do not take 0 for any.</summary>
    public static IPEndPoint FindFree(IPAddress address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return (IPEndPoint)socket.LocalEndPoint!; // It is bound.
    }
}
