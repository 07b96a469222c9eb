namespace RawWs.Host;

/// <summary>What whoever asks for the dashboard gets.</summary>
internal enum DashboardVerdict
{
    /// <summary>The dashboard.</summary>
    Admitted,

    /// <summary>404: it is for this machine only, and the request comes from another one, or may do so.</summary>
    Hidden,

    /// <summary>403: it is asked for under a name that is not this machine's own (DNS rebinding).</summary>
    ForeignHost,

    /// <summary>403: a page of another origin asks.</summary>
    ForeignOrigin,

    /// <summary>401: the token is missing or wrong.</summary>
    TokenNeeded,
}
