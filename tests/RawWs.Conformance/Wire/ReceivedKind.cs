namespace RawWs.Conformance;

internal enum ReceivedKind
{
    Message,
    Pong,
    Close,

    /// <summary>TCP ended, by FIN or by RST.</summary>
    End,

    /// <summary>Nothing came in the time given.</summary>
    Silence,
}
