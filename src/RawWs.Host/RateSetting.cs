namespace RawWs.Host;

/// <summary>What the command line says about a rate: a limit, or none.</summary>
internal readonly record struct RateSetting(RateLimit? Limit);
