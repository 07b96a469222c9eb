using System.Runtime.CompilerServices;
using RawWs.Transport;

namespace RawWs.Connections;

/// <summary>
/// A lock for what mostly one thread works with, its <i>home</i>. At first the home pays for it like everybody. When it has taken it a few dozen times and nobody else has meanwhile, the lock is
/// biased: from then on it costs the home two plain writes. Another thread that wants it then makes it an ordinary lock again, and the home has to earn the bias anew, with more each time.
/// </summary>
/// <remarks>
/// Whoever has it may take it again. Nobody waits for anything else while having it, for whoever takes away the bias spins until the home has let go. What it guards derives from it: there is one for each
/// connection, and objects of their own for it and for the ordinary lock in it were 48 bytes of each. So that one is the object's monitor, which nobody else takes.
/// </remarks>
internal abstract class BiasedLock
{
    /// <summary>
    /// How many times the home takes the lock to earn the bias: first so many, for an echo takes it three times and a short connection is to have it too, and four times as many whenever it has been taken away,
    /// up to the most. Taking it away is a system call that interrupts every processor on which the process runs, one to two microseconds: as much as the bias saves in a hundred times and more.
    /// </summary>
    public const int FirstEarnedAfter = 64, MaxEarnedAfter = FirstEarnedAfter << (2 * MaxRaiseCount);

    private const int MaxRaiseCount = 2;

    // How many times the home has it by way of the bias. Only the home writes it.
    private int _depth;

    // Written by whoever has the lock.
    private ushort _streak;
    private byte _raiseCount;
    private bool _isBiased;

    /// <summary>Whether it costs the home two plain writes. Of this moment.</summary>
    public bool IsBiased => Volatile.Read(ref _isBiased);

    /// <summary>Waits until nobody else has it, and takes it.</summary>
    /// <param name="home">Whose thread is the home, always the same; null if there is none.</param>
    /// <returns>Gives it back when it is disposed of, on the same thread.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Enter(TurnScheduler? home)
    {
        if (home is { IsInTurn: true })
            return EnterAtHome();

        EnterElsewhere();
        return new Scope(this, isAtHome: false, isByBias: false);
    }

    /// <summary>Takes it like <see cref="Enter"/>, in a turn of its home.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope EnterAtHome()
    {
        // The home says that it has it, and looks whether it may. Whoever takes away the bias does so, and looks whether the home has it. One of the two sees the other, because between the two
        // steps of the latter every processor passes a barrier.
        var depth = _depth;
        Volatile.Write(ref _depth, depth + 1);
        var isByBias = depth > 0 || Volatile.Read(ref _isBiased);
        if (!isByBias)
            EnterUnbiased();

        return new Scope(this, isAtHome: true, isByBias);
    }

    private void EnterUnbiased()
    {
        Volatile.Write(ref _depth, 0);
        Monitor.Enter(this);
        if (++_streak >= FirstEarnedAfter << (2 * _raiseCount))
            Volatile.Write(ref _isBiased, true);
    }

    private void EnterElsewhere()
    {
        Monitor.Enter(this);
        _streak = 0;
        if (_isBiased)
            TakeBias_NeedsLock();
    }

    private void TakeBias_NeedsLock()
    {
        Volatile.Write(ref _isBiased, false);
        _raiseCount = (byte)Math.Min(_raiseCount + 1, MaxRaiseCount);
        Interlocked.MemoryBarrierProcessWide();

        var spin = new SpinWait();
        while (Volatile.Read(ref _depth) > 0)
            spin.SpinOnce();
    }

    /// <summary>That somebody has the lock.</summary>
    /// <remarks>
    /// Of so few fields that the compiler keeps each for itself. A larger one it copies in pieces that are wider than those it was written in, for which the processor has to wait: that took a sixteenth of
    /// the time that a message costs outside of the system.
    /// </remarks>
    internal readonly ref struct Scope
    {
        private readonly BiasedLock _biased;
        private readonly bool _isByBias;

        public Scope(BiasedLock biased, bool isAtHome, bool isByBias)
        {
            _biased = biased;
            (IsAtHome, _isByBias) = (isAtHome, isByBias);
        }

        /// <summary>Whether it was taken in a turn of the home.</summary>
        public bool IsAtHome { get; }

        /// <summary>Gives it back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (_isByBias)
                Volatile.Write(ref _biased._depth, _biased._depth - 1);
            else
                Monitor.Exit(_biased);
        }
    }
}
