using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>What is set on an accepted socket.</summary>
internal static class SocketSettings
{
    private const int IpProtocolTcp = 6;
    private const int LinuxTcpUserTimeout = 18;

    public static void Apply(Socket socket, SocketTransportOptions options)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
            return;

        // A message is written in one go: Nagle's algorithm would only delay it.
        socket.NoDelay = true;

        if (OperatingSystem.IsLinux() && options.UnacknowledgedTimeout > TimeSpan.Zero)
        {
            Span<byte> milliseconds = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(milliseconds, (int)options.UnacknowledgedTimeout.TotalMilliseconds);
            socket.SetRawSocketOption(IpProtocolTcp, LinuxTcpUserTimeout, milliseconds);
        }
    }
}
