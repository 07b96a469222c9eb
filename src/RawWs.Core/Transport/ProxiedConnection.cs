using System.IO.Pipelines;
using System.Net;

namespace RawWs.Transport;

/// <summary>A connection that a proxy carries: the same bytes, whose peer is the proxy, and whose other end is whoever the proxy names.</summary>
/// <param name="inner">The connection beneath, which belongs to this one.</param>
internal sealed class ProxiedConnection(TransportConnection inner) : TransportConnection
{
    private EndPoint? _client;
    private bool? _isSecure;

    /// <inheritdoc/>
    public override PipeReader Input => inner.Input;

    /// <inheritdoc/>
    public override PipeWriter Output => inner.Output;

    /// <inheritdoc/>
    public override PipeScheduler Scheduler => inner.Scheduler;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint => inner.LocalEndPoint;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => _client ?? inner.RemoteEndPoint;

    /// <inheritdoc/>
    public override EndPoint? PeerEndPoint => inner.PeerEndPoint;

    /// <inheritdoc/>
    public override TlsDetails? Tls => inner.Tls;

    /// <inheritdoc/>
    public override bool IsSecure => _isSecure ?? inner.IsSecure;

    /// <summary>Whether the proxy has named somebody.</summary>
    public bool IsNamed => _client is not null;

    /// <summary>From now on this is who is at the other end.</summary>
    /// <param name="client">Whom the proxy names; null if nobody.</param>
    /// <param name="isSecure">Whether they speak TLS; null if the proxy does not say.</param>
    public void Name(EndPoint? client, bool? isSecure) => (_client, _isSecure) = (client, isSecure);

    /// <inheritdoc/>
    public override void Abort() => inner.Abort();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <inheritdoc/>
    internal override ValueTask CloseAsync() => inner.CloseAsync();
}
