namespace RawWs.Redis.Client;

/// <summary>Whoever follows a stream. Its methods are called one after the other, on the thread that reads from Redis, and must not throw. Only <see cref="OnEntry"/> may wait, and that makes the reading wait.</summary>
internal interface IStreamFollower
{
    /// <summary>There is an entry behind the last one.</summary>
    void OnEntry(RedisStreamEntry entry);

    /// <summary>Everything has been told that is there at this moment; what is added from now on is told when it is. Called again after each interruption.</summary>
    /// <param name="last">The id of the last entry; <c>0-0</c> if there was none.</param>
    void OnCaughtUp(string last);

    /// <summary>The stream has gone back: entries that have been told are not there any more, and others that were added with them may have been lost before anybody was told. What comes next lies behind this entry.</summary>
    /// <param name="last">Its id, which is smaller than that of the last entry that was told; <c>0-0</c> if everything is new.</param>
    void OnGoneBack(string last);

    /// <summary>The connection is lost, or Redis refuses to read: what is added meanwhile is told later.</summary>
    void OnInterrupted();
}
