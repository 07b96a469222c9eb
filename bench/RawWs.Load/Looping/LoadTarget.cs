using System.Net;

namespace RawWs.Load;

/// <summary>Where connections go.</summary>
/// <param name="EndPoint">On this machine.</param>
/// <param name="Path">Of the endpoint that echoes or broadcasts.</param>
/// <param name="Process">The server's, whose CPU time is what is divided by.</param>
/// <param name="SpeaksSocketIO">Whether connections join the main namespace of a Socket.IO server before anything else, and messages are its events.</param>
internal sealed record LoadTarget(IPEndPoint EndPoint, string Path, int Process, bool SpeaksSocketIO = false)
{
    /// <summary>How messages are written that come back to who sent them; null for as they are.</summary>
    public MessageForm? EchoForm => SpeaksSocketIO ? MessageForm.SocketIOAck : null;

    /// <summary>How messages are written that everybody is sent; null for as they are.</summary>
    public MessageForm? BroadcastForm => SpeaksSocketIO ? MessageForm.SocketIOBroadcast : null;
}
