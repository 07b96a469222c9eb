using System.Net;

namespace RawWs.Http;

/// <summary>A body can't be had, for something that its client did. A handler lets it pass.</summary>
/// <param name="status">What the client is answered; null if it has gone.</param>
/// <param name="reason">What is wrong. It is sent to the client: a constant, never data.</param>
/// <param name="innerException">What the network said, if it was that.</param>
internal sealed class RequestBodyException(HttpStatusCode? status, string reason, Exception? innerException = null) : IOException(reason, innerException)
{
    public HttpStatusCode? Status { get; } = status;
}
