using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace RawWs.Host.Tests;

public class OtlpExportTests
{
    // The numbers of fields in the messages of OTLP 1.
    private const int RequestResources = 1, ResourceScopes = 2, ScopeItems = 2, MetricName = 1, MetricSum = 7, SumDataPoints = 1, DataPointAsInt = 6, SpanName = 5;

    public OtlpExportTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send the signal that ends it.");

    [Fact]
    public async Task Metrics_traces_and_the_log_reach_a_collector()
    {
        await using var collector = await Collector.StartAsync();
        await using var rawws = await RawwsProcess.StartAsync(["--port", "0", "--otlp", $"{collector.Url}"], [("RAWWS_PROT", "1"), ("OTEL_SERVICE_NAME", "name-of-the-operator")]);
        using (var client = await rawws.ConnectAsync())
        {
            await client.AssertEchoAsync("hello", rawws.Deadline);
            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, rawws.Deadline);
        }

        // What is left is sent at the end.
        await rawws.SignalAsync("TERM");
        Assert.Equal(ExitCode.Success, (await rawws.WaitForEndAsync()).ExitCode);

        var requests = collector.TakeAll();
        Assert.All(requests, request => Assert.Equal("application/x-protobuf", request.ContentType));
        var metrics = MetricsOf(requests);
        Assert.Equal(1UL, ValueOf(metrics["rawws.connections.opened"]));
        Assert.Contains("rawws.messages", metrics.Keys);
        Assert.Contains("dotnet.gc.collections", metrics.Keys);
        Assert.Contains(ItemsIn(requests, "/prefix/v1/traces"), span => span.Text(SpanName) == "websocket.connection");
        Assert.Contains("The variable RAWWS_PROT sets nothing", TextOf(requests, "/prefix/v1/logs"), StringComparison.Ordinal);
        Assert.All(["/prefix/v1/metrics", "/prefix/v1/traces", "/prefix/v1/logs"], path => Assert.Contains("name-of-the-operator", TextOf(requests, path), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http", "POST /v1/metrics HTTP/1.1")]
    [InlineData("grpc", "PRI * HTTP/2.0")]
    public async Task It_is_sent_in_the_protocol_that_is_asked_for(string protocol, string expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--otlp", $"http://{listener.LocalEndpoint}", "--otlp-protocol", protocol);

        await rawws.SignalAsync("TERM");
        using (var accepted = await listener.AcceptTcpClientAsync(rawws.Deadline))
        using (var reader = new StreamReader(accepted.GetStream(), Encoding.ASCII))
            Assert.Equal(expected, await reader.ReadLineAsync(rawws.Deadline));

        // What was cut off here is tried again: whoever does not answer does not keep it.
        listener.Stop();
        Assert.Equal(ExitCode.Success, (await rawws.WaitForEndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_collector_that_is_not_there_is_one_warning()
    {
        using var nobody = new Socket(SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--otlp", $"http://127.0.0.1:{((IPEndPoint)nobody.LocalEndPoint!).Port}"); // It is bound.
        using (var client = await rawws.ConnectAsync())
        {
            await client.AssertEchoAsync("hello", rawws.Deadline);
            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, rawws.Deadline);
        }

        await rawws.SignalAsync("TERM");
        var result = await rawws.WaitForEndAsync();

        Assert.Equal(ExitCode.Success, result.ExitCode);
        Assert.Single(result.Errors.Split('\n'), line => line.StartsWith("warn: RawWs[82] Telemetry could not be sent to http://127.0.0.1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_collector_OpenTelemetry_is_not_loaded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux says what a process has loaded.");
        await using var collector = await Collector.StartAsync();
        await using var without = await RawwsProcess.StartAsync("--port", "0");
        await using var with = await RawwsProcess.StartAsync("--port", "0", "--otlp", $"{collector.Url}");

        Assert.DoesNotContain("OpenTelemetry", without.LoadedFiles, StringComparison.Ordinal);
        Assert.Contains("OpenTelemetry", with.LoadedFiles, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "Bearer-without-a-name", "Headers provided in an invalid format.")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "0", "exportIntervalMilliseconds ('0') must be a non-zero value. (Parameter 'exportIntervalMilliseconds')")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "0", "value ('00:00:00') must be greater than '00:00:00'. (Parameter 'value')")]
    [InlineData("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "always", "Retry Policy 'always' is not supported.")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/none", "CA Certificate file not found at path: /none")]
    public async Task A_variable_of_OpenTelemetry_that_makes_no_sense_is_told(string variable, string value, string expected)
    {
        var result = await RawwsProcess.RunAsync(["--port", "0", "--otlp", "http://127.0.0.1:1"], [(variable, value)]);

        Assert.Equal(ExitCode.WrongUsage, result.ExitCode);
        Assert.Contains($"rawws: OpenTelemetry can't use what its variables (OTEL_…) say; correct or remove the one that this is about: {expected}", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--otlp localhost:4318", "--otlp takes a URL of http or https without a user, such as http://localhost:4318; 'localhost:4318' is none. Credentials belong into OTEL_EXPORTER_OTLP_HEADERS.")]
    [InlineData("--otlp http://me:pass@localhost", "--otlp takes a URL of http or https without a user, such as http://localhost:4318. Credentials belong into OTEL_EXPORTER_OTLP_HEADERS.")]
    [InlineData("--otlp redis://me:pass@localhost", "--otlp takes a URL of http or https without a user, such as http://localhost:4318. Credentials belong into OTEL_EXPORTER_OTLP_HEADERS.")]
    [InlineData("--otlp http://localhost --otlp-protocol json", "--otlp-protocol takes http or grpc; 'json' is neither.")]
    public void A_wrong_value_is_told_with_what_to_write_instead(string args, string expected)
        => Assert.Equal(expected, new CommandLine(_ => Task.FromResult(ExitCode.Success)).Parse(args.Split(' ')).Errors[0].Message);

    private static Dictionary<string, ProtobufMessage> MetricsOf(IReadOnlyList<(string Path, string? ContentType, byte[] Body)> requests)
        => ItemsIn(requests, "/prefix/v1/metrics").GroupBy(metric => metric.Text(MetricName)).ToDictionary(group => group.Key, group => group.Last());

    private static ulong ValueOf(ProtobufMessage metric) => metric.Messages(MetricSum).Single().Messages(SumDataPoints).Single().Number(DataPointAsInt);

    // Metrics, spans and records of the log lie equally deep: by resource, by scope, and then one by one.
    private static IEnumerable<ProtobufMessage> ItemsIn(IReadOnlyList<(string Path, string? ContentType, byte[] Body)> requests, string path)
        => requests.Where(request => request.Path == path)
            .SelectMany(request => new ProtobufMessage(request.Body).Messages(RequestResources))
            .SelectMany(resource => resource.Messages(ResourceScopes))
            .SelectMany(scope => scope.Messages(ScopeItems));

    private static string TextOf(IReadOnlyList<(string Path, string? ContentType, byte[] Body)> requests, string path)
        => string.Concat(requests.Where(request => request.Path == path).Select(request => Encoding.UTF8.GetString(request.Body)));
}
