namespace RawWs.Protocol;

/// <summary>What a peer may put into the head of a request.</summary>
/// <param name="MaxRequestLineSize">Bytes in the request line, without its end; more is answered with 414.</param>
/// <param name="MaxRequestHeadSize">Bytes in the whole head, its empty line included; more is answered with 431.</param>
/// <param name="MaxHeaderCount">Header fields; more is answered with 431.</param>
internal sealed record RequestHeadLimits(int MaxRequestLineSize, int MaxRequestHeadSize, int MaxHeaderCount);
