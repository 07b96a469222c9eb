namespace RawWs;

/// <summary>
/// How a server speaks TLS, on all its TCP end points; Unix sockets, which never leave the machine, stay plain. TLS 1.2 and 1.3, with the cipher suites of the
/// system, <c>http/1.1</c> in ALPN, and without renegotiation.
/// </summary>
/// <remarks>Read when the server is made; later changes have no effect on it.</remarks>
public sealed class TlsOptions
{
    private IReadOnlyList<TlsCertificate> _certificates = [];

    /// <summary>
    /// At least one. A client is shown the certificate that has the name it asks for (SNI), one with the very name before one with a wildcard; whoever asks for
    /// another name, or for none, is shown the first.
    /// </summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public required IReadOnlyList<TlsCertificate> Certificates
    {
        get => _certificates;
        init => _certificates = value ?? throw new ArgumentNullException(nameof(Certificates));
    }

    /// <summary>Whether clients are asked for certificates, and which ones count. Default, null: they are not asked.</summary>
    public TlsClientCertificates? ClientCertificates { get; init; }

    /// <summary>
    /// How often the files are looked at. What has changed is taken over when it has stayed the same for a second look, for new connections; open ones go on, and
    /// what can't be used is logged, while what was there before stays. Default 5 s. Range: 10 ms to 24 days; never: <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public TimeSpan ReloadInterval
    {
        get;
        init => field = value == Timeout.InfiniteTimeSpan || (value >= TimeSpan.FromMilliseconds(10) && value.TotalMilliseconds <= int.MaxValue)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ReloadInterval), value, "ReloadInterval is 10 ms to 24 days, or Timeout.InfiniteTimeSpan for never.");
    } = TimeSpan.FromSeconds(5);

    /// <summary>What a server keeps: nothing that is changed afterwards reaches it.</summary>
    internal TlsOptions Clone()
    {
        var clone = (TlsOptions)MemberwiseClone();
        clone._certificates = [.. _certificates];
        return clone;
    }
}
