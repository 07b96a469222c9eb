using System.Net;

namespace RawWs.Load;

/// <summary>Where connections go.</summary>
/// <param name="EndPoint">On this machine.</param>
/// <param name="Path">Of the endpoint that echoes or broadcasts.</param>
/// <param name="Process">The server's, whose CPU time is what is divided by.</param>
internal sealed record LoadTarget(IPEndPoint EndPoint, string Path, int Process);
