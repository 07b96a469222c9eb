using System.Diagnostics.CodeAnalysis;
using System.Net;
using RawWs.Compression;
using RawWs.Connections;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs;

/// <summary>
/// One open WebSocket connection. A session reads its messages one at a time, in order; anybody may send, ping, close and abort, from any
/// thread, at any time.
/// </summary>
/// <remarks>
/// A connection belongs to the server: it is not disposed, it ends when its session returns. Its properties stay readable afterwards.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "FinishAsync gives everything back; users have nothing to dispose.")]
public sealed partial class WebSocketConnection : IListed
{
    private readonly TransportConnection _transport;
    private readonly ConnectionSettings _settings;
    private readonly MessageInflater? _inflater;
    private readonly FrameSender _sender;
    private readonly DeadlineWheel _wheel;
    private readonly CancellationTokenSource _ending = new();
    private IMembership? _membership;
    private ConnectionHandlers? _handlers;

    internal WebSocketConnection(TransportConnection transport, ConnectionSettings settings, AcceptedUpgrade upgrade)
    {
        (_transport, _input, _settings) = (transport, transport.Input, settings);
        (Id, Path, Query, Subprotocol, UserState) = (upgrade.ConnectionId, upgrade.Path, upgrade.Query, upgrade.Subprotocol, upgrade.UserState);
        LocalEndPoint = upgrade.LocalEndPoint;
        var deflater = default(MessageDeflater);
        if (upgrade.Deflate is { } deflate && settings.DeflateStates is { } states)
            (_inflater, deflater) = (new MessageInflater(states, deflate), new MessageDeflater(states, deflate));

        _sender = new FrameSender(transport.Output, transport.Scheduler as TurnScheduler, this, deflater, settings);
        _wheel = settings.Wheels.Of(transport.Scheduler);
        _deadline = new ConnectionDeadline(this);
        EndingToken = _ending.Token;
    }

    /// <summary>A number that no other connection of this process has.</summary>
    public long Id { get; }

    /// <summary>The path that the client asked for, percent-decoded but for <c>%2F</c> and <c>%25</c>, without the query.</summary>
    public string Path { get; }

    /// <summary>The query that the client sent, as it was sent, without the question mark; empty if there was none.</summary>
    public string Query { get; }

    /// <summary>The subprotocol that was agreed on (RFC 6455 §1.9), null if there is none.</summary>
    public string? Subprotocol { get; }

    /// <summary>Whether messages may be compressed: permessage-deflate (RFC 7692) was agreed on.</summary>
    public bool IsCompressed => _sender.Deflater is not null;

    /// <summary>What the upgrade hook gave to this connection, null if nothing.</summary>
    public object? UserState { get; }

    /// <summary>Our end of the connection, null if the transport has no such thing.</summary>
    public EndPoint? LocalEndPoint { get; }

    /// <summary>The peer's end of the connection, or behind a trusted proxy its client's, with port 0 if the proxy tells none; null if the transport has no such thing.</summary>
    public EndPoint? RemoteEndPoint => _transport.RemoteEndPoint;

    /// <summary>The end of whoever is connected, a proxy or not; null if the transport has no such thing.</summary>
    public EndPoint? PeerEndPoint => _transport.PeerEndPoint;

    /// <summary>What TLS agreed on, null if the connection is not encrypted.</summary>
    public TlsDetails? Tls => _transport.Tls;

    /// <summary>Whether the client speaks TLS: with this server, or with a trusted proxy that says so.</summary>
    public bool IsSecure => _transport.IsSecure;

    /// <summary>Whether messages can still be sent. It may change the moment after.</summary>
    public bool IsOpen => _handshake.State == CloseState.Open;

    /// <inheritdoc/>
    int IListed.Place { get; set; } = -1;

    /// <summary>Those of its server.</summary>
    internal DeadlineWheels Wheels => _settings.Wheels;

    /// <summary>What it belongs to, and leaves when it ends; null if it never joined anything.</summary>
    internal IMembership? Membership => Volatile.Read(ref _membership);

    /// <summary>Cancelled when the connection begins to close, for whatever reason, or the server begins to stop.</summary>
    internal CancellationToken EndingToken { get; }

    /// <summary>Takes a membership, if there is none yet.</summary>
    /// <returns>The one that holds.</returns>
    internal IMembership Belong(IMembership membership) => Interlocked.CompareExchange(ref _membership, membership, null) ?? membership;

    private ConnectionHandlers Handlers => LazyInitializer.EnsureInitialized(ref _handlers);

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(WebSocketConnection)} {Id} {Path}";
}
