using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using RawWs.Testing;

namespace RawWs.Host.Tests.Scenarios;

/// <summary><c>rawws</c> as a process, plain or with a certificate of its own, for clients of all kinds.</summary>
internal sealed partial class ScenarioServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-scenario-");
    private readonly CertificateAuthority _authority = new();

    private ScenarioServer()
    {
    }

    /// <summary>The process.</summary>
    public RawwsProcess Rawws { get; private set; } = null!; // StartAsync sets it.

    /// <summary>Whether it speaks TLS.</summary>
    public bool IsTls => Rawws.Url.Scheme == "wss";

    /// <summary>How many requests <see cref="GetAsync"/> has sent.</summary>
    public int AskedCount { get; private set; }

    private IPEndPoint EndPoint => new(IPAddress.Loopback, Rawws.Url.Port);

    /// <summary>Starts it.</summary>
    /// <param name="isTls">Whether it speaks TLS.</param>
    /// <param name="args">More arguments.</param>
    public static async Task<ScenarioServer> StartAsync(bool isTls, params string[] args)
    {
        var server = new ScenarioServer();
        try
        {
            var (certificateFile, keyFile) = server.ReplaceCertificate("first");
            server.Rawws = await RawwsProcess.StartAsync(
                ["--host", "127.0.0.1", "--port", "0", .. isTls ? ["--tls-cert", certificateFile, "--tls-key", keyFile] : Array.Empty<string>(), .. args]);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes another certificate over the one that it has.</summary>
    /// <param name="name">The common name of the new one.</param>
    public (string CertificateFile, string KeyFile) ReplaceCertificate(string name)
    {
        using var certificate = _authority.IssueForServer(name);
        return CertificateAuthority.Write(certificate, _folder.FullName, "server");
    }

    /// <summary>Writes over the certificate what is none.</summary>
    public void BreakCertificate() => File.WriteAllText(Path.Combine(_folder.FullName, "server.pem"), "-----BEGIN CERTIFICATE-----\nnot at all\n");

    /// <summary>Connects, and does no handshake of any kind.</summary>
    public Task<WireClient> ConnectPlainAsync() => WireClient.ConnectAsync(EndPoint);

    /// <summary>Connects, over TLS where that is spoken.</summary>
    public async Task<WireClient> ConnectAsync() => IsTls ? (await ConnectTlsAsync()).Client : await ConnectPlainAsync();

    /// <summary>Connects over TLS.</summary>
    public Task<TlsClient> ConnectTlsAsync() => TlsClient.ConnectAsync(EndPoint);

    /// <summary>Opens a WebSocket to the echo.</summary>
    public async Task<ClientWebSocket> OpenEchoAsync()
    {
        var client = new ClientWebSocket();
        try
        {
            client.Options.RemoteCertificateValidationCallback = TlsClient.TrustAnybody;
            await client.ConnectAsync(Rawws.Url, Rawws.Deadline);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Makes a client of .NET for requests over HTTP.</summary>
    public HttpClient CreateHttpClient()
        => new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = TlsClient.TrustAnybody } })
        {
            BaseAddress = new UriBuilder(Rawws.Url) { Scheme = IsTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp }.Uri,
        };

    /// <summary>Asks for something with GET, on a connection of its own. By one caller at a time.</summary>
    public async Task<WireResponse> GetAsync(string path)
    {
        await using var client = await ConnectAsync();
        AskedCount++;
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return await client.ReadResponseAsync();
    }

    /// <summary>What <c>/metrics</c> says now: each sample by its name and labels.</summary>
    public async Task<Dictionary<string, double>> ReadMetricsAsync()
        => Sample().Matches((await GetAsync("/metrics")).Text).ToDictionary(match => match.Groups[1].Value, match => double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));

    /// <summary>Waits until a sample of <c>/metrics</c> is what it should be.</summary>
    /// <exception cref="OperationCanceledException">It does not become so.</exception>
    public Task WaitForMetricAsync(string sample, double value) => WaitForMetricAsync(sample, actual => actual == value);

    /// <inheritdoc cref="WaitForMetricAsync(string, double)"/>
    public async Task WaitForMetricAsync(string sample, Func<double, bool> condition)
    {
        while (!(await ReadMetricsAsync()).TryGetValue(sample, out var actual) || !condition(actual))
            await Task.Delay(TimeSpan.FromMilliseconds(100), Rawws.Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        if (Rawws is not null)
            await Rawws.DisposeAsync();

        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    [GeneratedRegex(@"^([a-z_]+(?:\{[^}]*\})?) ([-+.0-9Ee]+)$", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
