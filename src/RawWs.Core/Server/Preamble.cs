using System.IO.Pipelines;
using System.Net;
using RawWs.Diagnostics;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>
/// What comes on a connection before its requests: the header of the PROXY protocol, and then the TLS handshake. There is nothing yet in which a client could be told that
/// it is late.
/// </summary>
/// <param name="core">The server.</param>
/// <param name="connection">The connection, for whom it is counted.</param>
/// <param name="transport">The same as it is carried.</param>
/// <param name="deadline">Its deadline, which has begun.</param>
/// <param name="acceptedAt">When it was accepted.</param>
internal sealed class Preamble(ServerCore core, ServedConnection connection, TransportConnection transport, RequestDeadline deadline, long acceptedAt)
{
    private int _isUnderWay;

    /// <summary>Whether it has begun and is not over. From any thread.</summary>
    public bool IsUnderWay => Volatile.Read(ref _isUnderWay) == 1;

    /// <summary>Why the client that the proxy has named is not admitted; null if it is.</summary>
    public RefusalReason? Refusal { get; private set; }

    /// <returns>Whether requests can be read from now on; otherwise the connection is to be closed.</returns>
    /// <exception cref="IOException">The network ended the connection while its client was told why it can not be served.</exception>
    public async ValueTask<bool> RunAsync()
    {
        // Whoever comes second, this or the draining, sees the other.
        Interlocked.Exchange(ref _isUnderWay, 1);
        if (core.IsDraining)
            deadline.Hasten(core.Options.CloseTimeout);

        try
        {
            return (transport.Plain is not ProxiedConnection proxied || await ReadProxyHeaderAsync(proxied).ConfigureAwait(false))
                && (transport is not TlsConnection tls || await SecureAsync(tls).ConfigureAwait(false));
        }
        finally
        {
            Volatile.Write(ref _isUnderWay, 0);
        }
    }

    private async ValueTask<bool> ReadProxyHeaderAsync(ProxiedConnection proxied)
    {
        if (!core.TrustedPeers.IsEmpty && !core.TrustedPeers.Contains(proxied.PeerEndPoint))
            return Drop(ProxyFailureKind.Untrusted, "it does not come from a trusted proxy");

        try
        {
            var header = await ReadProxyHeaderAsync(proxied.Input).ConfigureAwait(false);
            proxied.Name(header.Source, header.IsSecure ? true : null);
        }
        catch (ProxyHeaderException error)
        {
            return Drop(ProxyFailureKind.Malformed, error.Message);
        }
        catch (IOException error)
        {
            return Drop(deadline.IsLate ? ProxyFailureKind.Late : ProxyFailureKind.Cut, error.Message);
        }

        // One that is only told that it is not admitted counts for nobody. Where the client is a trusted proxy too, its requests say whose they are.
        if (connection.Refusal is null && !core.TrustedPeers.Forwards(proxied) && !core.Admission.TryCountFor(connection, proxied.RemoteEndPoint))
            Refusal = RefusalReason.AddressFull;

        return true;
    }

    // The header is read and nothing behind it: that may be the beginning of a TLS handshake.
    private static async ValueTask<ProxyHeader> ReadProxyHeaderAsync(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            var unread = result.Buffer;
            var examined = unread.End;
            try
            {
                if (ProxyHeader.TryRead(ref unread, out var header))
                {
                    examined = unread.Start;
                    return header;
                }
            }
            finally
            {
                input.AdvanceTo(unread.Start, examined);
            }

            if (result.IsCompleted)
                throw new TransportClosedException("The peer ended the connection before its PROXY protocol header.");
        }
    }

    private bool Drop(ProxyFailureKind kind, string reason)
    {
        core.ProxyReports.OnFailure(connection.Id, transport.PeerEndPoint, kind, reason);
        transport.Abort();
        return false;
    }

    private async ValueTask<bool> SecureAsync(TlsConnection tls)
    {
        TlsFailure failure;
        try
        {
            if (await tls.HandshakeAsync().ConfigureAwait(false) is not { } failed)
            {
                // Before it is counted: whoever sees that it is over may rely on it.
                Volatile.Write(ref _isUnderWay, 0);
                core.Metrics.TlsAgreed(tls.Tls!.Protocol, core.Options.TimeProvider.GetElapsedTime(acceptedAt)); // It has succeeded.
                return true;
            }

            failure = failed;
        }
        catch (IOException error)
        {
            failure = new TlsFailure(deadline.IsLate ? TlsFailureKind.Late : TlsFailureKind.Cut, error.Message);
        }

        // From here on there is a way to answer.
        Volatile.Write(ref _isUnderWay, 0);
        core.TlsReports.OnFailure(connection.Id, tls.RemoteEndPoint, failure);
        if (failure.Kind == TlsFailureKind.NoTls)
            tls.Abort();

        if (failure.Kind == TlsFailureKind.PlainHttp)
        {
            deadline.Begin(WaitingFor.Peer, core.Options.CloseTimeout);
            var handshaker = new Handshaker(core, tls.Plain, connection.Id, acceptedAt);
            await handshaker.RefuseAsync(new RequestRefusedException(HttpStatusCode.BadRequest, "this port speaks TLS: use https:// or wss://")).ConfigureAwait(false);
        }

        return false;
    }
}
