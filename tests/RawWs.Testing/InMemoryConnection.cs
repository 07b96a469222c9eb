using System.IO.Pipelines;
using System.Net;
using RawWs.Transport;

namespace RawWs.Testing;

/// <summary>One end of a connection that never leaves the process.</summary>
public sealed class InMemoryConnection : TransportConnection
{
    /// <summary>The server's end of a connection seems to come from here.</summary>
    public static readonly IPEndPoint ClientEndPoint = new(IPAddress.Parse("192.0.2.7"), 50_000);

    private readonly InMemoryDirection _incoming;
    private readonly InMemoryDirection _outgoing;

    private InMemoryConnection(InMemoryDirection incoming, InMemoryDirection outgoing, EndPoint? remoteEndPoint)
        => (_incoming, _outgoing, RemoteEndPoint) = (incoming, outgoing, remoteEndPoint);

    /// <inheritdoc/>
    public override PipeReader Input => _incoming.Reader;

    /// <inheritdoc/>
    public override PipeWriter Output => _outgoing.Writer;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint { get; }

    /// <summary>Whether the peer waits for what this end will send.</summary>
    internal bool IsPeerWaiting => _outgoing.IsReaderWaiting;

    /// <summary>Makes both ends of a connection.</summary>
    /// <param name="capacity">How many bytes the network takes from the server while the client does not read.</param>
    public static (InMemoryConnection Server, InMemoryConnection Client) CreatePair(int capacity = 64 * 1024)
    {
        // The server continues on the thread that sent it something, as the seam asks for; the client somewhere else, for the server's flush
        // must not run a client's code.
        var toServer = new InMemoryDirection(PipeScheduler.Inline, 4 * 1024 * 1024);
        var toClient = new InMemoryDirection(PipeScheduler.ThreadPool, capacity);
        return (new InMemoryConnection(toServer, toClient, ClientEndPoint), new InMemoryConnection(toClient, toServer, null));
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        _incoming.Cut();
        _outgoing.Cut();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _incoming.Reader.Complete();
        _outgoing.Writer.Complete();
        return default;
    }
}
