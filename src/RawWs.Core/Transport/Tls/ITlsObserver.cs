namespace RawWs.Transport;

/// <summary>Is told what becomes of the certificates of a server.</summary>
internal interface ITlsObserver
{
    /// <summary>A certificate has been loaded, at the start or because its files have changed.</summary>
    void OnCertificateLoaded(string name, ServerCertificate certificate);

    /// <summary>The authorities of client certificates have changed.</summary>
    void OnAuthoritiesLoaded(string name);

    /// <summary>What files hold now can't be used; what was there before stays. Told once for each such content.</summary>
    void OnReloadFailed(string name, string reason);
}
