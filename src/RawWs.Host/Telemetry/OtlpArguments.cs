using System.CommandLine;
using System.CommandLine.Parsing;

namespace RawWs.Host;

/// <summary>The options of the command line that say where telemetry is sent to.</summary>
internal sealed class OtlpArguments
{
    private readonly Option<Uri?> _endPoint = new("--otlp")
    {
        Description = "The URL of an OpenTelemetry collector, such as http://localhost:4318: metrics, traces and the log are sent there too.",
        HelpName = "URL",
        CustomParser = EndPoint,
    };

    private readonly Option<OtlpProtocol?> _protocol = new HostOption<OtlpProtocol?>("--otlp-protocol")
    {
        Default = "http",
        Description = "What the collector speaks: http (the default: protobuf in HTTP/1.1) or grpc.",
        HelpName = "PROTOCOL",
        CustomParser = OptionValues.OtlpProtocolOf,
        Words = ["http", "grpc"],
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_endPoint);
        command.Options.Add(_protocol);
    }

    /// <param name="result">One without errors.</param>
    /// <returns>Null if nothing is sent.</returns>
    public OtlpTarget? ValueOf(ParseResult result)
        => result.GetValue(_endPoint) is { } endPoint ? new OtlpTarget(endPoint, result.GetValue(_protocol) ?? OtlpProtocol.Http) : null;

    private static Uri? EndPoint(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.UserInfo.Length == 0)
            return url;

        // What may have a password in it is not said again.
        var complaint = text.Contains('@', StringComparison.Ordinal) ? "" : $"; '{text}' is none";
        argument.AddError($"--otlp takes a URL of http or https without a user, such as http://localhost:4318{complaint}. Credentials belong into OTEL_EXPORTER_OTLP_HEADERS.");
        return null;
    }
}
