namespace RawWs.Fuzz;

/// <summary>Lets the thread pool do what it has been given: a good guess, that nothing depends on but speed.</summary>
internal static class ThreadPoolRest
{
    private const int MostAttempts = 20;

    public static async ValueTask WaitAsync()
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var before = ThreadPool.CompletedWorkItemCount;
            await Task.Yield();

            // The yield itself was one.
            if (ThreadPool.PendingWorkItemCount == 0 && ThreadPool.CompletedWorkItemCount - before <= 1)
                return;
        }
    }
}
