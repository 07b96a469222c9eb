using System.Net;

namespace RawWs.Protocol;

/// <summary>The request can't be served: it is answered with <see cref="Status"/>, and the connection is closed.</summary>
/// <param name="status">The status that tells the client what kind of rule it broke.</param>
/// <param name="reason">The rule that was broken. It is sent to the peer: a constant, never data.</param>
internal sealed class RequestRefusedException(HttpStatusCode status, string reason) : Exception(reason)
{
    public HttpStatusCode Status { get; } = status;
}
