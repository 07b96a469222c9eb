using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Redis.Client;

/// <summary>Opens the way to Redis: TCP, and TLS over it if wanted.</summary>
internal static class RedisSocket
{
    // Less leaves no time for the packet that is sent in the place of a first one that was lost.
    private static readonly TimeSpan LeastShare = TimeSpan.FromSeconds(2);

    /// <exception cref="IOException">It can't be had.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The server's certificate is not trusted.</exception>
    public static async Task<Stream> ConnectAsync(RedisOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = IPAddress.TryParse(options.Host, out var address) ? [address] : await Dns.GetHostAddressesAsync(options.Host, cancellationToken).ConfigureAwait(false);
            var socket = await ConnectToAnyAsync(options, addresses, cancellationToken).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            return options.UseTls ? await SecureAsync(stream, options, cancellationToken).ConfigureAwait(false) : stream;
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <summary>
    /// Connects to the first of several addresses that lets us. Each has its share of the time that is left, or two seconds, and no more than half of it: one where nobody answers leaves time for the others.
    /// </summary>
    /// <exception cref="SocketException">None of them does.</exception>
    internal static async Task<Socket> ConnectToAnyAsync(RedisOptions options, IPAddress[] addresses, CancellationToken cancellationToken)
    {
        var begun = options.TimeProvider.GetTimestamp();
        for (var place = 0; place < addresses.Length - 1; place++)
        {
            var left = (options.ConnectTimeout - options.TimeProvider.GetElapsedTime(begun)).Ticks;
            var share = Math.Max(left / (addresses.Length - place), Math.Min(left / 2, LeastShare.Ticks));
            using var timeout = new CancellationTokenSource(TimeSpan.FromTicks(Math.Max(0, share)), options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                return await ConnectAsync(new IPEndPoint(addresses[place], options.Port), either.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // There is another one.
            }
        }

        return addresses is [.., var last]
            ? await ConnectAsync(new IPEndPoint(last, options.Port), cancellationToken).ConfigureAwait(false)
            : throw new SocketException((int)SocketError.NoData);
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> SecureAsync(Stream stream, RedisOptions options, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            var authentication = new SslClientAuthenticationOptions { TargetHost = options.Host };
            if (options.CertificateAuthorities.Count > 0)
            {
                authentication.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                authentication.CertificateChainPolicy.CustomTrustStore.AddRange(options.CertificateAuthorities);
            }

            await tls.AuthenticateAsClientAsync(authentication, cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
