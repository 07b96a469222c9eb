using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>Asks some sockets at once, and waits until each has answered or gone, or the time is up.</summary>
/// <param name="socketCount">How many are asked.</param>
internal sealed class AckCollection(int socketCount)
{
    private readonly Lock _gate = new();
    private readonly List<Packet> _answers = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _answeredCount;

    /// <summary>Notes an answer; null for a socket that will not give one.</summary>
    public void Add(Packet? answer)
    {
        lock (_gate)
        {
            if (answer is not null)
                _answers.Add(answer);

            if (++_answeredCount < socketCount)
                return;
        }

        _done.TrySetResult();
    }

    /// <returns>The answers until the end, or until the time is up.</returns>
    public async Task<IReadOnlyList<Packet>> WaitAsync(TimeSpan timeout, TimeProvider time)
    {
        if (socketCount > 0)
            await _done.Task.WaitAsync(timeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        lock (_gate)
        {
            return [.. _answers];
        }
    }
}
