namespace RawWs.Load;

/// <summary>What <see cref="DeflateEcho"/> does.</summary>
internal sealed record DeflateEchoOptions(Uri Url, int Connections, int Size, TimeSpan Duration, bool Takeover, int? ServerProcess);
