namespace RawWs.Conformance;

/// <summary>One thing that went over the wire.</summary>
/// <param name="Milliseconds">Since the case began.</param>
/// <param name="Connection">0 for the first connection of the case, 1 for the second.</param>
/// <param name="Direction"><c>→</c> sent, <c>←</c> received, <c>·</c> happened to the TCP connection.</param>
/// <param name="Summary">Frame type and bits, or the first line of HTTP.</param>
/// <param name="Bytes">The beginning of the bytes, as hex or as HTTP text.</param>
public sealed record WireEntry(double Milliseconds, int Connection, string Direction, string Summary, string Bytes);
