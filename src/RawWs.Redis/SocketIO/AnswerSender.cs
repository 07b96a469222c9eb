using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>Tells the server that has asked what clients of this one answer. Of those that go without an answer there is nothing to tell.</summary>
/// <param name="sayCount">Says how many were asked.</param>
/// <param name="sayAnswer">Says what one has answered.</param>
internal sealed class AnswerSender(Action<int> sayCount, Action<EventValue?> sayAnswer) : IBroadcastAckReceiver
{
    /// <inheritdoc/>
    public void Asked(int socketCount) => sayCount(socketCount);

    /// <inheritdoc/>
    public void Answered(EventValue? value) => sayAnswer(value);

    /// <inheritdoc/>
    public void Left()
    {
    }
}
