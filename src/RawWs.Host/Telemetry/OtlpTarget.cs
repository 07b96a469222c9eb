namespace RawWs.Host;

/// <summary>Where telemetry is sent to.</summary>
/// <param name="EndPoint">A collector of OpenTelemetry, without the paths of the signals.</param>
/// <param name="Protocol">What it speaks.</param>
internal sealed record OtlpTarget(Uri EndPoint, OtlpProtocol Protocol);
