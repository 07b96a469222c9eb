namespace RawWs.Transport;

/// <summary>Finds the certificate for the name that a client asks for (RFC 6066 §3).</summary>
internal sealed class CertificateTable
{
    private readonly ServerCertificate _default;
    private readonly Dictionary<string, ServerCertificate> _byName = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="certificates">At least one. Where several have a name, the first of them counts.</param>
    public CertificateTable(IReadOnlyList<ServerCertificate> certificates)
    {
        _default = certificates[0];
        foreach (var certificate in certificates)
        {
            foreach (var name in certificate.DnsNames)
                _byName.TryAdd(name, certificate);
        }
    }

    /// <returns>The one with that name, or with a wildcard in the place of its first label, or else the first of all.</returns>
    public ServerCertificate Find(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return _default;

        // A name may be written with a dot at its end, and means the same.
        name = name.TrimEnd('.');
        if (_byName.TryGetValue(name, out var certificate))
            return certificate;

        var firstDot = name.IndexOf('.', StringComparison.Ordinal);
        return firstDot > 0 && _byName.TryGetValue(string.Concat("*", name.AsSpan(firstDot)), out certificate) ? certificate : _default;
    }
}
