namespace RawWs.Transport;

/// <summary>Why a TLS handshake did not succeed, although the network was well.</summary>
/// <param name="Kind">What it is counted as.</param>
/// <param name="Reason">For people who look closely; in the words of the platform.</param>
internal sealed record TlsFailure(TlsFailureKind Kind, string Reason)
{
    /// <summary>The client began with a request in plain HTTP.</summary>
    public static readonly TlsFailure PlainHttp = new(TlsFailureKind.PlainHttp, "it spoke plain HTTP");

    /// <summary>The client began with something else.</summary>
    public static readonly TlsFailure NoTls = new(TlsFailureKind.NoTls, "it did not speak TLS");
}
