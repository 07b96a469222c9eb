using System.ComponentModel;
using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>The errors of the system's calls in the words of the seam.</summary>
internal static class DescriptorFailure
{
    /// <summary>The numbers of errors on Linux.</summary>
    public const int Interrupted = 4, BadDescriptor = 9, WouldBlock = 11, BrokenPipe = 32, ConnectionAborted = 103, ConnectionReset = 104, TimedOut = 110;

    // Of these only accepting tells.
    private const int NoMemory = 12, TableFull = 23, TooManyOpen = 24, NoNetwork = 64, Protocol = 71, ProtocolOption = 92, NetworkDown = 100,
        NetworkUnreachable = 101, NoBuffers = 105, HostDown = 112, HostUnreachable = 113;

    /// <summary>What the runtime calls an error of accepting, or the closest to that.</summary>
    public static SocketError OfAccepting(int error) => error switch
    {
        TooManyOpen or TableFull => SocketError.TooManyOpenSockets,
        NoMemory or NoBuffers => SocketError.NoBufferSpaceAvailable,
        ConnectionAborted => SocketError.ConnectionAborted,
        ConnectionReset => SocketError.ConnectionReset,
        TimedOut => SocketError.TimedOut,
        NetworkDown or NoNetwork => SocketError.NetworkDown,
        NetworkUnreachable => SocketError.NetworkUnreachable,
        HostDown => SocketError.HostDown,
        HostUnreachable => SocketError.HostUnreachable,
        Protocol or ProtocolOption => SocketError.ProtocolOption,
        Interrupted => SocketError.Interrupted,
        WouldBlock => SocketError.WouldBlock,
        _ => SocketError.SocketError,
    };

    public static TransportClosedException From(int error) => error switch
    {
        ConnectionReset or ConnectionAborted or BrokenPipe => new("The peer reset the connection."),
        BadDescriptor => Aborted(), // We have closed it.
        TimedOut => new("The peer stopped acknowledging what was sent."),
        _ => new("The connection failed.", new Win32Exception(error)),
    };

    public static TransportClosedException Aborted() => new("The connection was aborted.");
}
