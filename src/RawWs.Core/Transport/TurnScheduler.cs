using System.IO.Pipelines;

namespace RawWs.Transport;

/// <summary>A scheduler with one thread, which works in turns: in each it runs all that has come up, so that what belongs together can be done together at its end.</summary>
internal abstract class TurnScheduler : PipeScheduler
{
    /// <summary>Whether the caller is in one of its turns, on its thread.</summary>
    public abstract bool IsInTurn { get; }

    /// <summary>Calls <paramref name="work"/> at the end of this turn. Called in a turn.</summary>
    public abstract void AtEndOfTurn(ITurnEnd work);

    /// <summary>Something that is done at the end of a turn.</summary>
    public interface ITurnEnd
    {
        /// <summary>The turn is over.</summary>
        void OnTurnEnd();
    }
}
