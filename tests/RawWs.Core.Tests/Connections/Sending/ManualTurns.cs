using RawWs.Transport;

namespace RawWs.Tests.Connections;

/// <summary>A scheduler whose turns the test takes, on its own thread.</summary>
internal sealed class ManualTurns : TurnScheduler
{
    private readonly Queue<(Action<object?> Action, object? State)> _work = new();
    private readonly List<ITurnEnd> _ends = [];
    private int _threadInTurn;

    public override bool IsInTurn => _threadInTurn == Environment.CurrentManagedThreadId;

    /// <summary>How much is to be done in the next turn.</summary>
    public int ScheduledCount => _work.Count;

    public override void Schedule(Action<object?> action, object? state) => _work.Enqueue((action, state));

    public override void AtEndOfTurn(ITurnEnd work)
    {
        Assert.True(IsInTurn);
        _ends.Add(work);
    }

    /// <summary>Takes a turn: what was scheduled, then <paramref name="action"/>, then what waits for its end.</summary>
    public void Take(Action? action = null)
    {
        _threadInTurn = Environment.CurrentManagedThreadId;
        for (var count = _work.Count; count > 0; count--)
        {
            var (work, state) = _work.Dequeue();
            work(state);
        }

        action?.Invoke();
        for (var index = 0; index < _ends.Count; index++)
            _ends[index].OnTurnEnd();

        _ends.Clear();
        _threadInTurn = 0;
    }
}
