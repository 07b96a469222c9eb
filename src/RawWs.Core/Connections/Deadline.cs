namespace RawWs.Connections;

/// <summary>Something that becomes due on a <see cref="DeadlineWheel"/>. Belongs to one wheel; holds its own place in it.</summary>
internal abstract class Deadline
{
    internal Deadline? Previous { get; set; }

    internal Deadline? Next { get; set; }

    internal int Slot { get; set; } = -1;

    /// <summary>When it is due, in the wheel's time; <see cref="long.MaxValue"/> if it is not scheduled.</summary>
    public long DueAt { get; internal set; } = long.MaxValue;

    /// <summary>It is due, and no longer scheduled. Called on the wheel's thread: returns quickly and never blocks.</summary>
    internal abstract void OnDue();
}
