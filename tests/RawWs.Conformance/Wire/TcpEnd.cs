namespace RawWs.Conformance;

/// <summary>How TCP ended, seen from the client.</summary>
internal enum TcpEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The server sent FIN before we did.</summary>
    ServerFirst,

    /// <summary>We sent FIN, and the server followed.</summary>
    ClientFirst,

    /// <summary>The server sent RST.</summary>
    Reset,
}
