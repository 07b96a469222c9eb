using System.ComponentModel;

namespace RawWs.Transport;

/// <summary>The errors of the system's calls in the words of the seam.</summary>
internal static class DescriptorFailure
{
    /// <summary>The numbers of errors on Linux.</summary>
    public const int Interrupted = 4, WouldBlock = 11, BrokenPipe = 32, ConnectionAborted = 103, ConnectionReset = 104, TimedOut = 110;

    public static TransportClosedException From(int error) => error switch
    {
        ConnectionReset or ConnectionAborted or BrokenPipe => new("The peer reset the connection."),
        TimedOut => new("The peer stopped acknowledging what was sent."),
        _ => new("The connection failed.", new Win32Exception(error)),
    };

    public static TransportClosedException Aborted() => new("The connection was aborted.");
}
