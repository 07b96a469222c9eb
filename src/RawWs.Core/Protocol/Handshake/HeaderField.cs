namespace RawWs.Protocol;

/// <summary>Where the name and the value of one header field lie in the bytes of a request head.</summary>
internal readonly record struct HeaderField(Range Name, Range Value);
