using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Transport;

/// <summary>
/// The cryptography of one connection: a handshake that waits, and then records that are opened and sealed without waiting. One thread may open while another seals.
/// </summary>
internal sealed class TlsSession : IDisposable
{
    private readonly TlsRecordStream _records;

    // The stream neither waits when it is read, for it has a whole record or throws, nor when it is written, which is into memory.
    private readonly SslStream _ssl;

    // Records are opened and the session is ended under it: the platform's own lock does not cover the ending.
    private readonly Lock _gate = new();

    // OpenSSL's session beneath the stream, where its memory can be given back.
    private SafeHandle? _native;
    private RecordMemory _inputMemory;
    private RecordMemory _outputMemory;

    public TlsSession(PipeReader input, PipeWriter output, TlsHandshakeQueue queue)
    {
        _records = new TlsRecordStream(input, output, queue);
        _ssl = new SslStream(_records, leaveInnerStreamOpen: true);
    }

    /// <summary>Agrees on everything with the client. Completes in the queue.</summary>
    /// <returns>What was agreed on.</returns>
    public async Task<TlsDetails> HandshakeAsync(TlsCredentials credentials)
    {
        try
        {
            await _ssl.AuthenticateAsServerAsync(
                static (_, hello, credentials, _) => new(((TlsCredentials)credentials!).OptionsFor(hello.ServerName)), credentials, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            _records.GiveBack();
            throw;
        }

        _records.Open();
        _native = InteropOpenSsl.TryReleaseBuffers(_ssl);
        return new TlsDetails(
            _ssl.SslProtocol, _ssl.NegotiatedCipherSuite, _ssl.TargetHostName is { Length: > 0 } name ? name : null, _ssl.RemoteCertificate as X509Certificate2);
    }

    /// <summary>Opens a record.</summary>
    /// <param name="record">The whole of it.</param>
    /// <param name="plaintext">Where its data goes: as much room as the record is long.</param>
    /// <param name="isEnd">Whether the record says that nothing comes after it (close_notify).</param>
    /// <returns>How many bytes of data it carried; 0 for a message of TLS itself.</returns>
    /// <exception cref="IOException">It is not genuine, or says that something has gone wrong.</exception>
    public int Open(in ReadOnlySequence<byte> record, Memory<byte> plaintext, out bool isEnd)
    {
        isEnd = false;
        lock (_gate)
        {
            _records.Give(record);
            try
            {
                var read = _ssl.ReadAsync(plaintext);
                var length = read.IsCompleted ? read.Result : throw new InvalidOperationException("A record was not whole.");
                isEnd = length == 0;
                return length;
            }
            catch (TlsRecordNeededException)
            {
                return 0;
            }
            finally
            {
                if (_inputMemory.IsToBeReleased(record.Length) && _native is { IsClosed: false })
                    InteropOpenSsl.TryReleaseInput(_native);
            }
        }
    }

    /// <summary>Seals data into the connection's output, as one record if it is no longer than <see cref="TlsRecord.MaxPlaintextLength"/>.</summary>
    /// <exception cref="IOException">The session is broken.</exception>
    public void Seal(ReadOnlyMemory<byte> plaintext)
    {
        var write = _ssl.WriteAsync(plaintext);
        if (!write.IsCompleted)
            throw new InvalidOperationException("A write waited for memory.");

        write.GetAwaiter().GetResult();
        if (!_outputMemory.IsToBeReleased(plaintext.Length) || _native is null)
            return;

        // Opening a record may write, too.
        lock (_gate)
        {
            if (!_native.IsClosed)
                InteropOpenSsl.TryReleaseOutput(_native);
        }
    }

    /// <summary>Says, into the connection's output, that nothing comes after this (close_notify). Called by whoever seals, once.</summary>
    /// <exception cref="IOException">The session is broken.</exception>
    public void End()
    {
        try
        {
            lock (_gate)
            {
                _ssl.ShutdownAsync().GetAwaiter().GetResult();
            }
        }
        catch (Exception error) when (error is not IOException)
        {
            // The platform tells of a session that is broken in more than one way.
            throw new TransportClosedException("TLS can't be ended in order any more.", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ssl.Dispose();
}
