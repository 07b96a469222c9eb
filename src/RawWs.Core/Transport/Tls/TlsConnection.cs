using System.IO.Pipelines;
using System.Net;

namespace RawWs.Transport;

/// <summary>
/// A connection that speaks TLS over another one. It can be used when <see cref="HandshakeAsync"/> has succeeded; before that, and if it fails, it can be closed or
/// aborted.
/// </summary>
/// <param name="inner">The connection beneath, which belongs to this one.</param>
/// <param name="credentials">What clients are shown and asked for.</param>
/// <param name="queue">Where handshakes are computed.</param>
internal sealed class TlsConnection(TransportConnection inner, TlsCredentials credentials, TlsHandshakeQueue queue) : TransportConnection
{
    private TlsSession? _session;
    private TlsReader? _reader;
    private TlsWriter? _writer;
    private TlsDetails? _details;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The handshake has not succeeded.</exception>
    public override PipeReader Input => _reader ?? throw NotOpen();

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The handshake has not succeeded.</exception>
    public override PipeWriter Output => _writer ?? throw NotOpen();

    /// <inheritdoc/>
    public override PipeScheduler Scheduler => inner.Scheduler;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint => inner.LocalEndPoint;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    /// <inheritdoc/>
    public override EndPoint? PeerEndPoint => inner.PeerEndPoint;

    /// <inheritdoc/>
    public override TlsDetails? Tls => _details;

    /// <summary>The connection beneath, for a word to a client that does not speak TLS.</summary>
    internal override TransportConnection Plain => inner;

    /// <summary>Agrees on everything with the client. Continues where the connection's work belongs.</summary>
    /// <returns>Null if the connection can be used from now on; otherwise what was wrong with the client, who has been told.</returns>
    /// <exception cref="IOException">The network ended the connection.</exception>
    public async ValueTask<TlsFailure?> HandshakeAsync()
    {
        if (await LookAtFirstByteAsync().ConfigureAwait(false) is { } failure)
            return failure;

        _session = new TlsSession(inner.Input, inner.Output, queue);
        try
        {
            _details = await _session.HandshakeAsync(credentials).ConfigureAwait(false);
        }
        catch (IOException)
        {
            throw;
        }
        catch (Exception error)
        {
            // Whatever a client's bytes bring about in the platform's TLS is that client's failure. Why is in the alert, which may wait to be sent.
            await inner.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            return new TlsFailure(TlsFailureKind.Refused, ReasonOf(error));
        }

        (_writer, _reader) = (new TlsWriter(inner.Output, _session), new TlsReader(inner.Input, _session));
        await ReturnAsync().ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc/>
    public override void Abort() => inner.Abort();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        _writer?.Dispose();
        _session?.Dispose();
        _details?.ClientCertificate?.Dispose();
        await inner.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    internal override ValueTask CloseAsync() => _writer is null ? inner.CloseAsync() : base.CloseAsync();

    /// <summary>Looks what the client begins with, and leaves it where it is.</summary>
    private async ValueTask<TlsFailure?> LookAtFirstByteAsync()
    {
        while (true)
        {
            var result = await inner.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            var (isEmpty, first) = (result.Buffer.IsEmpty, result.Buffer.IsEmpty ? default : result.Buffer.FirstSpan[0]);
            inner.Input.AdvanceTo(result.Buffer.Start, result.Buffer.Start);

            if (!isEmpty && first == TlsRecord.HandshakeType)
                return null;

            // The method of an HTTP request is in capitals, all that there are.
            if (!isEmpty)
                return first is >= (byte)'A' and <= (byte)'Z' ? TlsFailure.PlainHttp : TlsFailure.NoTls;

            if (result.IsCompleted)
                throw new TransportClosedException("The peer ended the connection before its TLS handshake.");
        }
    }

    private async ValueTask ReturnAsync()
    {
        var turn = new TaskCompletionSource();
        inner.Scheduler.Schedule(static turn => ((TaskCompletionSource)turn!).SetResult(), turn);
        await turn.Task.ConfigureAwait(false);
    }

    // The platform says most in the innermost exception.
    private static string ReasonOf(Exception error) => error.InnerException is { } inner ? ReasonOf(inner) : error.Message;

    private static InvalidOperationException NotOpen() => new("The TLS handshake has not succeeded.");
}
