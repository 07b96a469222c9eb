using System.Collections.Concurrent;
using RawWs.Redis.Client;

namespace RawWs.Redis.Tests.Client;

/// <summary>Keeps what a follower of a stream is told: ids of entries, <c>=</c> and an id when it has caught up, <c>&lt;</c> and an id when the stream has gone back, <c>-</c> for an interruption.</summary>
internal sealed class RecordingFollower : IStreamFollower
{
    private readonly ConcurrentQueue<string> _told = new();

    public string[] Told => [.. _told];

    public void OnEntry(RedisStreamEntry entry) => _told.Enqueue(entry.Id);

    public void OnCaughtUp(string last) => _told.Enqueue($"={last}");

    public void OnGoneBack(string last) => _told.Enqueue($"<{last}");

    public void OnInterrupted() => _told.Enqueue("-");
}
