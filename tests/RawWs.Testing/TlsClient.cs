using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Testing;

/// <summary>A client that speaks TLS, trusts whatever it is shown, and shows what happens on the wire.</summary>
public sealed class TlsClient : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private TlsClient(Socket socket, RecordingStream wire, SslStream stream)
    {
        (Wire, Stream) = (wire, stream);
        Client = WireClient.Over(stream, () => stream.ShutdownAsync().GetAwaiter().GetResult(), () => WireClient.Reset(socket));
        Socket = socket;
    }

    /// <summary>What goes through TLS.</summary>
    public WireClient Client { get; }

    /// <summary>What goes through TLS, as bytes.</summary>
    public SslStream Stream { get; }

    /// <summary>What is beneath TLS.</summary>
    public RecordingStream Wire { get; }

    /// <summary>What is beneath that.</summary>
    public Socket Socket { get; }

    /// <summary>Connects, and does the TLS handshake.</summary>
    /// <param name="endPoint">Where the server listens.</param>
    /// <param name="name">The name that is asked for.</param>
    /// <param name="protocols">The versions that are offered.</param>
    /// <param name="certificate">What is shown to the server, if it asks.</param>
    /// <param name="maxWriteSize">The size of the pieces in which everything is sent.</param>
    /// <param name="preamble">What is sent before TLS.</param>
    /// <param name="applicationProtocols">What is offered with ALPN.</param>
    public static async Task<TlsClient> ConnectAsync(
        IPEndPoint endPoint,
        string name = "localhost",
        SslProtocols protocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        X509Certificate2? certificate = null,
        int maxWriteSize = int.MaxValue,
        byte[]? preamble = null,
        params SslApplicationProtocol[] applicationProtocols)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var timeout = new CancellationTokenSource(LongestWait);
            await socket.ConnectAsync(endPoint, timeout.Token).ConfigureAwait(false);
            if (preamble is not null)
                await socket.SendAsync(preamble, timeout.Token).ConfigureAwait(false);

            var wire = new RecordingStream(new NetworkStream(socket, ownsSocket: true), maxWriteSize);
            var stream = new SslStream(wire);
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = name,
                    EnabledSslProtocols = protocols,
                    ApplicationProtocols = [.. applicationProtocols],
                    ClientCertificates = certificate is null ? null : [certificate],
                    RemoteCertificateValidationCallback = TrustAnybody,
                    AllowTlsResume = false,
                },
                timeout.Token).ConfigureAwait(false);
            return new TlsClient(socket, wire, stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>For clients of tests, whose servers show what no system trusts: whoever shows something will do.</summary>
    public static bool TrustAnybody(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
