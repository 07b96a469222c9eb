using System.Net;

namespace RawWs.Transport;

/// <summary>An end point that is being listened on. Disposing it ends the listening; accepted connections stay.</summary>
public interface ITransportListener : IAsyncDisposable
{
    /// <summary>Where it listens, with the port that was really taken.</summary>
    EndPoint EndPoint { get; }

    /// <summary>
    /// Waits for the next connection. Errors of single connections and a lack of resources are waited out inside: an accept loop needs no
    /// error handling of its own. Called by one caller at a time.
    /// </summary>
    /// <returns>The connection, owned by the caller; null once the listener is disposed.</returns>
    ValueTask<TransportConnection?> AcceptAsync();
}
