namespace RawWs.Tests.Protocol;

/// <summary>What a piece of code allocates in the steady state.</summary>
internal static class Allocation
{
    private const int Attempts = 10;

    /// <summary>
    /// The bytes that the current thread allocates in <paramref name="work"/>: the least of several attempts, for in the first ones the
    /// runtime allocates for itself when it compiles the code and compiles it again.
    /// </summary>
    public static long Of(Action work)
        => Enumerable.Range(0, Attempts).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
}
