namespace RawWs.Host;

/// <summary>The files of which TLS is made.</summary>
internal sealed record TlsFiles
{
    /// <summary>Certificates in PEM form, each with one of <see cref="Keys"/>.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>As many as <see cref="Certificates"/>, in their order.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    public IReadOnlyList<string> PfxFiles { get; init; } = [];

    /// <summary>None, one for all <see cref="PfxFiles"/>, or as many as those.</summary>
    public IReadOnlyList<string> PfxPasswordFiles { get; init; } = [];

    /// <summary>Who has issued the certificates that clients need; null if they need none.</summary>
    public string? ClientAuthorities { get; init; }

    /// <exception cref="IOException">A password can't be read.</exception>
    public TlsOptions ToOptions() => new()
    {
        Certificates = [.. Certificates.Zip(Keys, TlsCertificate.FromPemFiles), .. PfxFiles.Select((file, index) => TlsCertificate.FromPfxFile(file, PasswordOf(index)))],
        ClientCertificates = ClientAuthorities is { } file ? TlsClientCertificates.Required(file) : null,
    };

    /// <summary>Loads them as a server does when it starts.</summary>
    /// <exception cref="IOException">One can't be used; the message says which and why.</exception>
    public async Task CheckAsync()
    {
        // One that is asked by nobody.
        await using var server = new WebSocketServer(new() { AllowNoEndPoints = true, Tls = ToOptions() });
        server.Map(EchoSession.Path, EchoSession.Events);
        await server.StartAsync();
    }

    private string? PasswordOf(int index)
    {
        if (PfxPasswordFiles.Count == 0)
            return null;

        var file = PfxPasswordFiles[PfxPasswordFiles.Count == 1 ? 0 : index];
        try
        {
            return File.ReadLines(file).FirstOrDefault();
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"'{file}' can't be read: permission denied; let this program's user read it.", error);
        }
    }
}
