using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace RawWs.Host;

/// <summary>
/// Sends metrics and traces to a collector, from its making to its end, when it sends what is left. Made before the server, so that what that counts is counted from
/// its beginning, and disposed before it, so that it still has something to tell.
/// </summary>
/// <remarks>The only type that touches OpenTelemetry: where nobody asks for it, its assemblies are not loaded.</remarks>
internal sealed class OtlpExport : IDisposable
{
    private const string ServiceName = "rawws";

    // Somebody may be waiting for the process to end.
    private const int MaxFlushMilliseconds = 2_000;

    private readonly ExportFailures _failures;
    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;

    /// <param name="target">Where to.</param>
    /// <param name="logger">Where failures to send are told.</param>
    public OtlpExport(OtlpTarget target, ILogger logger)
    {
        _failures = new ExportFailures(target.EndPoint, logger, TimeProvider.System);
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(NewResource())
            .AddMeter([.. ServerService.Meters])
            .AddOtlpExporter(exporter => Configure(exporter, target, "metrics"))
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(NewResource())
            .AddSource(ServerService.ActivitySource)
            .AddOtlpExporter(exporter => Configure(exporter, target, "traces"))
            .Build();
    }

    /// <summary>Lets the log be sent as well.</summary>
    public static void AddTo(ILoggingBuilder logging, OtlpTarget target) => logging.AddOpenTelemetry(records =>
    {
        records.IncludeFormattedMessage = true;
        records.SetResourceBuilder(NewResource());
        records.AddOtlpExporter(exporter => Configure(exporter, target, "logs"));
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics.Shutdown(MaxFlushMilliseconds);
        _traces.Shutdown(MaxFlushMilliseconds);
        _metrics.Dispose();
        _traces.Dispose();
        _failures.Dispose();
    }

    // What the environment says of the service (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) is said by whoever runs it, and wins.
    private static ResourceBuilder NewResource() => ResourceBuilder.CreateEmpty()
        .AddService(ServiceName, serviceVersion: Greeting.Version)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private static void Configure(OtlpExporterOptions exporter, OtlpTarget target, string signal)
    {
        (exporter.Endpoint, exporter.Protocol) = target.Protocol == OtlpProtocol.Grpc
            ? (target.EndPoint, OtlpExportProtocol.Grpc)
            : (PathOf(target.EndPoint, signal), OtlpExportProtocol.HttpProtobuf);
    }

    // As the specification has it: below whatever path the end point has.
    private static Uri PathOf(Uri endPoint, string signal) => new UriBuilder(endPoint) { Path = $"{endPoint.AbsolutePath.TrimEnd('/')}/v1/{signal}" }.Uri;
}
