namespace RawWs.Transport;

/// <summary>Lets a server's connections speak TLS.</summary>
/// <param name="options">What clients are shown and asked for.</param>
/// <param name="time">The clock by which files are looked at.</param>
/// <param name="observer">Is told what becomes of certificates.</param>
internal sealed class TlsAcceptor(TlsOptions options, TimeProvider time, ITlsObserver observer) : IDisposable
{
    private readonly TlsCredentials _credentials = new(options, time, observer);
    private readonly TlsHandshakeQueue _queue = new();

    /// <summary>Loads the certificates. Called once, before the first connection.</summary>
    /// <exception cref="IOException">One can't be loaded; the message says what, why, and what to do.</exception>
    public void Load() => _credentials.Load();

    /// <summary>Takes over a connection, whose handshake is still to come.</summary>
    public TlsConnection Accept(TransportConnection connection) => new(connection, _credentials, _queue);

    /// <inheritdoc/>
    public void Dispose() => _credentials.Dispose();
}
