using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Server;

/// <summary>Options are read when the server is made: what becomes of them later is another server's affair.</summary>
public sealed class KeptOptionsTests
{
    [Fact]
    public async Task Whoever_was_refused_by_a_server_stays_refused_when_its_options_are_used_for_another()
    {
        var (adminTransport, publicTransport) = (new InMemoryTransport(), new InMemoryTransport());
        var options = new WebSocketServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, 1)],
            Transport = adminTransport,
            OnUpgrade = (_, _) => new(UpgradeResponse.Refuse(HttpStatusCode.Forbidden)),
        };
        await using var admin = new WebSocketServer(options);
        (options.OnUpgrade, options.OriginPolicy, options.Transport) = (null, OriginPolicy.Any, publicTransport);
        options.EndPoints[0] = new IPEndPoint(IPAddress.Loopback, 2);
        options.Subprotocols.Add("chat");
        await using var everybodys = new WebSocketServer(options);
        options.EndPoints.Clear();
        foreach (var server in new[] { admin, everybodys })
        {
            server.Map("*", TestServer.EchoAsync);
            await server.StartAsync();
        }

        await using var refused = adminTransport.Connect();
        await refused.SendAsync(WireClient.Handshake + "\r\n");
        await using var accepted = publicTransport.Connect();
        await accepted.OpenAsync();

        Assert.StartsWith("HTTP/1.1 403 ", System.Text.Encoding.ASCII.GetString(await refused.ReadToEndAsync()), StringComparison.Ordinal);
        Assert.Equal("127.0.0.1:1", $"{Assert.Single(admin.EndPoints)}");
        Assert.Equal("127.0.0.1:2", $"{Assert.Single(everybodys.EndPoints)}");
    }

    [Fact]
    public async Task An_end_point_that_is_changed_afterwards_is_listened_on_as_it_was()
    {
        var transport = new InMemoryTransport();
        var endPoint = new IPEndPoint(IPAddress.Loopback, 1);
        await using var server = new WebSocketServer(new() { EndPoints = [endPoint], Transport = transport });
        server.Map("*", TestServer.EchoAsync);

        (endPoint.Address, endPoint.Port) = (IPAddress.Any, 2);
        await server.StartAsync();

        Assert.Equal("127.0.0.1:1", $"{Assert.Single(server.EndPoints)}");
    }

    [Fact]
    public async Task Nothing_that_is_changed_in_options_reaches_a_server_that_was_made_with_them()
    {
        using var authority = new CertificateAuthority();
        using var certificate = authority.IssueForServer("localhost");
        var options = EverythingSet(certificate);
        await using var server = new WebSocketServer(options);
        var given = ChangedOptions.Describe(options);
        Assert.Equal(given, ChangedOptions.Describe(server.Options));

        var changed = ChangedOptions.Change(options);

        // First that the test is one: whatever is new has to be given a value above, unless its default is one.
        var after = ChangedOptions.Describe(options);
        Assert.All(changed, path => Assert.NotEqual(given[path], after.GetValueOrDefault(path)));
        Assert.Superset(new HashSet<string>(["EndPoints", "OnUpgrade", "TrustedProxies", "MaxConnections", "Tls", "Tls.Certificates"]), changed.ToHashSet());
        Assert.Equal(given, ChangedOptions.Describe(server.Options));
    }

    private static WebSocketServerOptions EverythingSet(X509Certificate2 certificate) => new()
    {
        EndPoints = [new IPEndPoint(IPAddress.Loopback, 1), new UnixDomainSocketEndPoint("@kept")],
        Subprotocols = ["chat"],
        TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")],
        OnUpgrade = (_, _) => new(UpgradeResponse.Refuse(HttpStatusCode.Forbidden)),
        CompressionLevel = CompressionLevel.Optimal,
        LoggerFactory = new RecordingLoggerFactory(),
        TimeProvider = new ManualTimeProvider(),
        Transport = new SocketTransport(),
        MaxConnectionRate = new(1, 1),
        MaxMessageRate = new(1, 1),
        MaxByteRate = new(1, 1),
        RoomOptions = _ => null,
        RoomBackplane = new SilentBackplane(),
        Tls = new TlsOptions { Certificates = new List<TlsCertificate> { TlsCertificate.From(certificate) }, ReloadInterval = TimeSpan.FromSeconds(7) },
    };

    private sealed class SilentBackplane : IRoomBackplane
    {
        public ValueTask StartAsync(IRoomReceiver receiver, CancellationToken cancellationToken) => default;

        public void Publish(RoomPublication publication)
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
