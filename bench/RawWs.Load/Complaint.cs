using System.Net.Sockets;
using System.Security.Authentication;

namespace RawWs.Load;

/// <summary>What is told of a command that could not do its work.</summary>
internal static class Complaint
{
    /// <returns>In a sentence: there is no server, no such process or no such file, or a server does not do what the command needs. Null for what is a fault of this program.</returns>
    public static string? Of(Exception error) => error switch
    {
        AuthenticationException => $"The server does not speak TLS as wss:// needs it: {error.Message}",
        InvalidOperationException or ArgumentException or IOException or SocketException or UnauthorizedAccessException => error.Message,
        _ => null,
    };
}
