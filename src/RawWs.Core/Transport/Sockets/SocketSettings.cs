using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>What is set on a socket.</summary>
internal static class SocketSettings
{
    private const int IpProtocolTcp = 6;
    private const int LinuxTcpUserTimeout = 18;

    /// <summary>Sets what connections are to have, on one or on the socket that will accept them.</summary>
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

    /// <summary>Lets the closing of a socket be a reset.</summary>
    public static void ResetOnClose(Socket socket)
    {
        try
        {
            // Lingering for no time at all is how the sockets API spells a reset.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (SocketException)
        {
            // The peer's reset was faster.
        }
    }
}
