using System.Net;

namespace RawWs.Transport;

/// <summary>A way to be reached. The seam behind which sockets, an event loop or memory stand.</summary>
public interface ITransport
{
    /// <summary>Begins to listen.</summary>
    /// <param name="endPoint">Where. Port 0 stands for any free port.</param>
    /// <exception cref="IOException">The end point can't be had, for example because it is in use.</exception>
    ITransportListener Listen(EndPoint endPoint);
}
