using System.Net;
using System.Net.Sockets;

namespace RawWs.Load;

/// <summary>The addresses 127.0.0.1 to 127.0.0.8 in turn: one source address has 28,000 ports.</summary>
internal static class SourceAddresses
{
    private const int Count = 8;
    private const int IpProtocolIp = 0;
    private const int LinuxIpBindAddressNoPort = 24;

    private static int _last;

    /// <summary>Binds <paramref name="socket"/> to the next of them. Where 127.0.0.2 is not an address of this machine, one has to do.</summary>
    public static void BindNext(Socket socket, IPEndPoint server)
    {
        if (!OperatingSystem.IsLinux() || server.AddressFamily != AddressFamily.InterNetwork)
            return;

        Span<byte> on = [1, 0, 0, 0];
        socket.SetRawSocketOption(IpProtocolIp, LinuxIpBindAddressNoPort, on);
        var last = (byte)(1 + ((uint)Interlocked.Increment(ref _last) % Count));
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, last]), 0));
    }
}
