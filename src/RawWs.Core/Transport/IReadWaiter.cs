namespace RawWs.Transport;

/// <summary>Waits for the end of a read.</summary>
internal interface IReadWaiter
{
    /// <summary>The read has ended. Called on the thread that found that out, which goes on with something else only when this returns.</summary>
    void OnReadEnded();

    /// <summary>It will be called soon: begins to load what it needs for that, and waits for nothing.</summary>
    void Prepare()
    {
    }
}
