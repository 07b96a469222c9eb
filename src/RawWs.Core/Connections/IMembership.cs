namespace RawWs.Connections;

/// <summary>What a connection belongs to, and leaves when it ends.</summary>
internal interface IMembership
{
    /// <summary>The connection ends: it leaves everything, and joins nothing any more. May be called several times, by any thread.</summary>
    void End();
}
