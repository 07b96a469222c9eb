using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace RawWs.Host;

/// <summary>Tells the service manager how things are, as systemd wants it (sd_notify): a datagram to the Unix socket that <c>NOTIFY_SOCKET</c> names.</summary>
/// <remarks>Without the variable it does nothing. It never fails: a server whose manager does not listen serves all the same.</remarks>
/// <param name="variableOf">The value of a variable, null if there is none.</param>
/// <param name="logger">Where a failure is told.</param>
internal sealed class ServiceManager(Func<string, string?> variableOf, ILogger logger)
{
    private const string Variable = "NOTIFY_SOCKET";

    /// <summary>Clients are served from here on.</summary>
    public void TellReady() => Tell("READY=1");

    /// <summary>It has begun to stop.</summary>
    public void TellStopping() => Tell("STOPPING=1");

    private void Tell(string state)
    {
        if (variableOf(Variable) is not { Length: > 0 } path)
            return;

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

            // A name in Linux's abstract namespace begins with NUL, which no variable can hold.
            socket.SendTo(Encoding.ASCII.GetBytes(state), new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            HostLog.ManagerNotTold(logger, state, error.Message);
        }
    }
}
