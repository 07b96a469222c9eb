using Microsoft.Extensions.Logging;
using RawWs.Diagnostics;

namespace RawWs.Http;

/// <summary>What all exchanges of a server share.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Metrics">Where they are counted.</param>
/// <param name="Logger">Where they are logged.</param>
internal sealed record ExchangeSettings(TimeProvider Time, ServerMetrics Metrics, ILogger Logger);
