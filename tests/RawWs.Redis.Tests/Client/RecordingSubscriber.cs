using System.Collections.Concurrent;
using System.Text;

namespace RawWs.Redis.Tests.Client;

/// <summary>Keeps what a subscriber is told: <c>+</c> for a confirmation, <c>-</c> for an interruption, and messages as their texts.</summary>
internal sealed class RecordingSubscriber : RedisSubscriber
{
    private readonly ConcurrentQueue<string> _told = new();

    public string[] Told => [.. _told];

    public override void OnConfirmed() => _told.Enqueue("+");

    public override void OnInterrupted() => _told.Enqueue("-");

    public override void OnMessage(RedisMessage message) => _told.Enqueue($"{message.Channel}:{Encoding.UTF8.GetString(message.Payload.Span)}");
}
