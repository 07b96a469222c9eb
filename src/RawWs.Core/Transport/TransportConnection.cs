using System.IO.Pipelines;
using System.Net;

namespace RawWs.Transport;

/// <summary>
/// One accepted connection as the server sees it: bytes in, bytes out, and a way to drop it. Everything above knows only this, so that a
/// connection can come from a socket, from memory in a test, or from somebody else's server.
/// </summary>
/// <remarks>
/// <para>The contract beyond that of <see cref="IDuplexPipe"/>:</para>
/// <list type="bullet">
/// <item>Memory read from <see cref="Input"/> stays valid and unmoved until it is consumed, also across further reads: an incomplete
/// message waits there. It is writable: payloads are unmasked in place.</item>
/// <item>A read continues on the thread that found the bytes. There is no task in between.</item>
/// <item><see cref="PipeWriter.FlushAsync"/> completes at once if the network takes everything at once. Nothing is written while a flush is
/// under way.</item>
/// <item>Completing <see cref="Output"/> ends our side of the connection (FIN) after everything written before it.</item>
/// <item>Reads and flushes throw an <see cref="IOException"/> once the connection is broken or aborted.</item>
/// </list>
/// </remarks>
public abstract class TransportConnection : IDuplexPipe, IAsyncDisposable
{
    /// <summary>What the peer sends. One reader at a time.</summary>
    public abstract PipeReader Input { get; }

    /// <summary>What goes to the peer. One writer at a time.</summary>
    public abstract PipeWriter Output { get; }

    /// <summary>Where the connection's work begins: the thread pool, or the loop that the connection belongs to.</summary>
    public virtual PipeScheduler Scheduler => PipeScheduler.ThreadPool;

    /// <summary>Our end, null if the transport has no such thing.</summary>
    public virtual EndPoint? LocalEndPoint => null;

    /// <summary>
    /// The peer's end, or behind a trusted proxy its client's; null if the transport has no such thing. Stays what it is when the connection has ended.
    /// </summary>
    public virtual EndPoint? RemoteEndPoint => null;

    /// <summary>The end of whoever is connected, a proxy or not; null if the transport has no such thing. Stays what it is when the connection has ended.</summary>
    public virtual EndPoint? PeerEndPoint => RemoteEndPoint;

    /// <summary><see cref="PeerEndPoint"/>; the very object that is given if it is the same, so that whoever keeps both keeps one.</summary>
    /// <param name="remote"><see cref="RemoteEndPoint"/>.</param>
    internal EndPoint? PeerEndPointBeside(EndPoint? remote)
    {
        var peer = PeerEndPoint;
        return Equals(peer, remote) ? remote : peer;
    }

    /// <summary>What TLS agreed on, null if the connection is not encrypted. Stays what it is when the connection has ended.</summary>
    public virtual TlsDetails? Tls => null;

    /// <summary>Whether the other end speaks TLS: with us, or with a trusted proxy that says so.</summary>
    public virtual bool IsSecure => Tls is not null;

    /// <summary>The connection beneath TLS; this one where there is none.</summary>
    internal virtual TransportConnection Plain => this;

    /// <summary>
    /// Drops the connection: pending reads and flushes fail, nothing more is sent, the peer sees a reset. Returns at once, may be called from
    /// any thread and any number of times, and does not throw.
    /// </summary>
    public abstract void Abort();

    /// <summary>Gives back what the connection holds. Called once, when nobody uses <see cref="Input"/> or <see cref="Output"/> any more.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>
    /// Ends our side and discards what still arrives until the peer has ended its own. If TCP were closed while received bytes lie unread, the
    /// kernel would send a reset, and the peer might never see what we sent last. Has no deadline of its own: <see cref="Abort"/> ends it.
    /// </summary>
    internal virtual async ValueTask CloseAsync()
    {
        try
        {
            await Output.CompleteAsync().ConfigureAwait(false);

            while (true)
            {
                var result = await Input.ReadAsync().ConfigureAwait(false);
                Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return;
            }
        }
        catch (IOException)
        {
            // The peer reset the connection instead of ending it, or the deadline aborted it: either way it has ended.
        }
    }
}
