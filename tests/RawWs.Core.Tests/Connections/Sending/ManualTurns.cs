using RawWs.Transport;

namespace RawWs.Tests.Connections;

/// <summary>A scheduler whose turns the test takes, on its own thread.</summary>
internal sealed class ManualTurns : TurnScheduler
{
    private readonly Queue<(Action<object?> Action, object? State)> _work = new();
    private readonly List<ITurnEnd> _ends = [];
    private readonly List<Action> _row = [];
    private int _threadInTurn;

    public override bool IsInTurn => _threadInTurn == Environment.CurrentManagedThreadId;

    /// <summary>How much is to be done in the next turn.</summary>
    public int ScheduledCount => _work.Count;

    /// <summary>Is called once, when all that leaves in a row has been prepared and none of it has left.</summary>
    public Action? RowBegins { private get; set; }

    /// <summary>Is called once, when the first of a row has left and been told, and the others have not.</summary>
    public Action? RowGoesOn { private get; set; }

    public override void Schedule(Action<object?> action, object? state) => _work.Enqueue((action, state));

    public override void AtEndOfTurn(ITurnEnd work)
    {
        Assert.True(IsInTurn);
        _ends.Add(work);
    }

    /// <summary>Lets <paramref name="send"/> be called in a row with others, when the end of the turn has been told to all who wait for it.</summary>
    public void SendInARow(Action send)
    {
        Assert.True(IsInTurn);
        _row.Add(send);
    }

    /// <summary>Takes a turn: what was scheduled, then <paramref name="action"/>, then what waits for its end, then what leaves in a row, and so on.</summary>
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
        {
            _ends[index].OnTurnEnd();
            if (index == _ends.Count - 1)
                SendRow();
        }

        _ends.Clear();
        _threadInTurn = 0;
    }

    private void SendRow()
    {
        if (_row.Count == 0)
            return;

        Call(RowBegins, () => RowBegins = null);
        Action[] row = [.. _row];
        _row.Clear();
        for (var index = 0; index < row.Length; index++)
        {
            row[index]();
            if (index == 0)
                Call(RowGoesOn, () => RowGoesOn = null);
        }

        Assert.Empty(_row); // Only the end of a turn prepares any.
    }

    private static void Call(Action? action, Action forget)
    {
        forget();
        action?.Invoke();
    }
}
