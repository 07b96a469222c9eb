namespace RawWs.Transport;

/// <summary>Who is told of the news of a socket that an event loop watches.</summary>
internal interface IWatched
{
    /// <summary>What the loop finds it by; set before it begins to watch.</summary>
    ulong Token { get; set; }

    /// <summary>It will be told of news soon: begins to load what it needs for that, and waits for nothing.</summary>
    void Prepare()
    {
    }

    /// <summary>The system has news. Called on the loop's thread; the socket may be being closed on another.</summary>
    /// <param name="events">What the matter is, in the system's bits.</param>
    void OnEvents(uint events);
}
