using System.Net;

namespace RawWs.Transport;

/// <summary>A socket that has been accepted for an event loop, and does not block.</summary>
/// <param name="Descriptor">Its descriptor. Disposing this closes it.</param>
/// <param name="RemoteEndPoint">The peer's end, null if the system did not tell.</param>
internal readonly record struct AcceptedSocket(Descriptor Descriptor, EndPoint? RemoteEndPoint) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
