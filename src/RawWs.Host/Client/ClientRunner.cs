namespace RawWs.Host;

/// <summary>Runs a client from its start to its end: signals stop it in good order, and what goes wrong is told in one line.</summary>
internal static class ClientRunner
{
    /// <param name="runAsync">What it does, until it is cancelled; returns the exit code.</param>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<int>> runAsync)
    {
        using var interrupted = new CancellationTokenSource();
        using var signals = new StopSignals(interrupted.Cancel);
        try
        {
            return await runAsync(interrupted.Token);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (BrokenPipeException)
        {
            // Whoever reads what is printed has had enough, as head has.
            return ExitCode.Success;
        }
        catch (Exception error) when (error is ClientFailureException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"rawws: {error.Message}");
            return ExitCode.Failure;
        }
    }
}
