using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using RawWs.Testing;

namespace RawWs.Proxy.Tests;

/// <summary>A <c>rawws</c> behind a proxy of one kind, both as processes.</summary>
internal sealed class ProxiedServer : IAsyncDisposable
{
    private readonly ProxyKind _kind;
    private readonly IPEndPoint _front;
    private readonly DirectoryInfo _folder;
    private readonly string[] _args;
    private ProxyProcess? _proxy;

    private ProxiedServer(ProxyKind kind, DirectoryInfo folder, string[] args)
        => (_kind, _folder, _args, _front) = (kind, folder, args, LoopbackAddresses.FindFree(LoopbackAddresses.Next()));

    /// <summary>The server.</summary>
    public RawwsProcess Rawws { get; private set; } = null!; // StartAsync sets it.

    /// <summary>Where the proxy listens, for a browser.</summary>
    public Uri Url => new($"{(IsTls ? "https" : "http")}://{_front}/");

    /// <summary>Where the server listens, for those who go past the proxy.</summary>
    public IPEndPoint Back { get; private set; } = null!; // StartAsync sets it.

    /// <summary>Whether clients speak TLS, with whomever.</summary>
    public bool IsTls => _kind is not (ProxyKind.Nginx or ProxyKind.HAProxy);

    private bool IsTlsAtServer => _kind is ProxyKind.NginxStream or ProxyKind.HAProxyTcpVersion1 or ProxyKind.HAProxyTcp;

    private bool HasProxyProtocol => IsTlsAtServer || _kind == ProxyKind.HAProxyTcpTls;

    private bool IsNginx => _kind is ProxyKind.Nginx or ProxyKind.NginxTls or ProxyKind.NginxStream;

    /// <summary>Starts both; skips the test where there is no such proxy.</summary>
    /// <param name="kind">How the proxy stands before the server.</param>
    /// <param name="idleTimeout">After how many seconds of silence the proxy ends a connection.</param>
    /// <param name="args">More arguments for the server.</param>
    public static async Task<ProxiedServer> StartAsync(ProxyKind kind, int idleTimeout = 60, params string[] args)
    {
        var program = FindProgram(kind);
        var server = new ProxiedServer(kind, Directory.CreateTempSubdirectory("rawws-proxy-"), args);
        try
        {
            server.WriteCertificate();
            await server.StartRawwsAsync(LoopbackAddresses.Next(), port: 0);
            server._proxy = await ProxyProcess.StartAsync(program, server._front, server.ArgumentsFor(idleTimeout));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server, and starts another one in its place, which has the same address and port.</summary>
    /// <returns>How the first one ended.</returns>
    public async Task<RawwsResult> RestartRawwsAsync()
    {
        var result = await StopRawwsAsync();
        await StartRawwsAgainAsync();
        return result;
    }

    /// <summary>Starts another server in the place of one that was stopped, with the same address and port.</summary>
    public async Task StartRawwsAgainAsync()
    {
        await Rawws.DisposeAsync();
        await StartRawwsAsync(Back.Address, Back.Port);
    }

    /// <summary>Stops the server as its operator would.</summary>
    /// <param name="signal">TERM, or INT.</param>
    public async Task<RawwsResult> StopRawwsAsync(string signal = "TERM")
    {
        await Rawws.SignalAsync(signal);
        return await Rawws.WaitForEndAsync();
    }

    /// <summary>Connects to the proxy, over TLS where that is spoken.</summary>
    /// <param name="client">The client's address.</param>
    public async Task<WireClient> ConnectAsync(IPAddress client)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(client, 0));
            await socket.ConnectAsync(_front, Rawws.Deadline);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (IsTls)
            {
                var tls = new SslStream(stream, leaveInnerStreamOpen: false, TlsClient.TrustAnybody);
                await tls.AuthenticateAsClientAsync("localhost").WaitAsync(Rawws.Deadline);
                stream = tls;
            }

            return WireClient.Over(stream, () => socket.Shutdown(SocketShutdown.Send), socket.Dispose);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects, and opens a WebSocket.</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="headers">More header lines, each ended by CR LF.</param>
    public async Task<WireClient> OpenAsync(IPAddress client, string headers = "")
    {
        var connection = await ConnectAsync(client);
        await connection.OpenAsync(headers);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
            await _proxy.DisposeAsync();

        if (Rawws is not null)
            await Rawws.DisposeAsync();

        _folder.Delete(recursive: true);
    }

    private static string FindProgram(ProxyKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a machine has one loopback address only.");
        var name = kind is ProxyKind.Nginx or ProxyKind.NginxTls or ProxyKind.NginxStream ? "nginx" : "haproxy";
        var program = ProxyProcess.Find(name);
        Assert.SkipWhen(program is null, $"There is no {name} here: apt-get install {name}");
        Assert.SkipWhen(
            kind == ProxyKind.NginxStream && !File.Exists("/usr/lib/nginx/modules/ngx_stream_module.so"), "nginx has no stream module here: apt-get install libnginx-mod-stream");
        return program;
    }

    private async Task StartRawwsAsync(IPAddress address, int port)
    {
        // A proxy that names no address of its own comes from 127.0.0.1, and clients of these tests never do.
        Rawws = await RawwsProcess.StartAsync([
            "--host", $"{address}", "--port", $"{port}", "--log-level", "debug", "--trust-proxy", "127.0.0.1",
            .. HasProxyProtocol ? ["--proxy-protocol"] : Array.Empty<string>(),
            .. IsTlsAtServer ? ["--tls-cert", PathOf("rawws.pem"), "--tls-key", PathOf("rawws-key.pem")] : Array.Empty<string>(),
            .. _args,
        ]);
        Back = new IPEndPoint(address, Rawws.Url.Port);
    }

    private void WriteCertificate()
    {
        using var authority = new CertificateAuthority();
        using var certificate = authority.IssueForServer("localhost");
        var (certificateFile, keyFile) = CertificateAuthority.Write(certificate, _folder.FullName, "rawws");

        // HAProxy wants both in one file, which the others do not mind.
        File.AppendAllText(certificateFile, "\n" + File.ReadAllText(keyFile));
    }

    private string[] ArgumentsFor(int idleTimeout)
    {
        var path = ConfigurationFor().With("127.0.0.1:3000", $"{Back}").With(" 60s", $" {idleTimeout}s").WriteTo(_folder.FullName);
        return ProxyProcess.ArgumentsFor(path, IsNginx, _folder.FullName);
    }

    // The port that the test does not use is another one.
    private ProxyConfiguration ConfigurationFor()
    {
        var (plain, secure) = IsTls ? (LoopbackAddresses.FindFree(LoopbackAddresses.Next()), _front) : (_front, LoopbackAddresses.FindFree(LoopbackAddresses.Next()));
        return _kind switch
        {
            ProxyKind.Nginx or ProxyKind.NginxTls => ProxyConfiguration.ForNginx("nginx.conf", _folder.FullName)
                .With("listen 80;", $"listen {plain};")
                .With("listen 443 ssl;", $"listen {secure} ssl;")
                .With("/etc/ssl/private", _folder.FullName),
            ProxyKind.NginxStream => new ProxyConfiguration("nginx-stream.conf").With("443;", $"{_front};"),
            ProxyKind.HAProxy or ProxyKind.HAProxyTls => ProxyConfiguration.ForHAProxy("haproxy.cfg")
                .With("bind :80", $"bind {plain}")
                .With("bind :443", $"bind {secure}")
                .With("/etc/ssl/private", _folder.FullName),
            ProxyKind.HAProxyTcpVersion1 => ProxyConfiguration.ForHAProxy("haproxy-tcp.cfg").With("bind :443\n", $"bind {_front}\n").With("3000 send-proxy-v2", "3000 send-proxy"),
            ProxyKind.HAProxyTcp => ProxyConfiguration.ForHAProxy("haproxy-tcp.cfg").With("bind :443\n", $"bind {_front}\n"),
            _ => ProxyConfiguration.ForHAProxy("haproxy-tcp.cfg")
                .With("bind :443\n", $"bind {_front} ssl crt {PathOf("rawws.pem")}\n")
                .With("3000 send-proxy-v2", "3000 send-proxy-v2-ssl"),
        };
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
