using RawWs.Transport;

namespace RawWs.Server;

/// <summary>
/// The stopping of a server: its sessions are told, its connections closed one after the other, and until they have gone whoever comes is refused; only then
/// does nobody listen any more. What is left at the deadline is aborted.
/// </summary>
/// <param name="core">The server.</param>
/// <param name="options">How it stops.</param>
/// <param name="listeners">Where it listens.</param>
/// <param name="acceptLoops">Which end when their listeners do.</param>
/// <param name="deadline">Completes when the time is up.</param>
internal sealed class Drain(ServerCore core, DrainOptions options, IReadOnlyList<ITransportListener> listeners, IReadOnlyList<Task> acceptLoops, Task deadline)
{
    /// <summary>How long one connection may hold up the next: few of them do not take the whole window.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(10);

    /// <summary>How long is waited, after the deadline has aborted what was left, for sessions to notice.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(1);

    /// <summary>The time that the closes of so many connections are spread over.</summary>
    public static TimeSpan WindowOf(DrainOptions options, int count) => TimeSpan.FromTicks(Math.Min(options.Window.Ticks, count * LongestStep.Ticks));

    /// <returns>How many connections have had their turn: the first at once, the others evenly behind it.</returns>
    public static int DueAfter(TimeSpan elapsed, TimeSpan window, int count)
        => elapsed >= window ? count : (int)(elapsed.Ticks * (Int128)count / window.Ticks) + 1;

    /// <summary>Ends the listening at one end point. Never fails.</summary>
    public static async Task CloseAsync(ServerCore core, ITransportListener listener)
    {
        try
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The file of a Unix socket that can't be deleted, for one. There is more to stop.
            ServerLog.ClosingFailed(core.Logger, listener.EndPoint, error);
        }
    }

    public async Task RunAsync()
    {
        var connections = core.BeginDrain(options);
        if (connections.Length > 0)
            ServerLog.Stopping(core.Logger, connections.Length);

        // All, before the first is closed: sessions have the whole window to finish what they are at.
        foreach (var connection in connections)
            connection.AnnounceDrain();

        await CloseAllAsync(connections).ConfigureAwait(false);
        await Task.WhenAny(core.Admission.AdmittedGone, deadline).ConfigureAwait(false);

        foreach (var listener in listeners)
            await CloseAsync(core, listener).ConfigureAwait(false);

        await Task.WhenAll(acceptLoops).ConfigureAwait(false);

        // Nobody comes any more; whoever is being refused still reads his answer.
        var empty = core.Admission.WaitUntilEmptyAsync();
        await Task.WhenAny(empty, deadline).ConfigureAwait(false);
        if (!empty.IsCompleted)
            await AbortAllAsync(empty).ConfigureAwait(false);
    }

    // One timer, however many there are; each connection is looked at once.
    private async Task CloseAllAsync(ServedConnection[] connections)
    {
        var (time, window) = (core.Options.TimeProvider, WindowOf(options, connections.Length));
        var start = time.GetTimestamp();
        Task isOver = Task.WhenAny(core.Admission.AdmittedGone, deadline);

        for (var closedCount = 0; closedCount < connections.Length;)
        {
            for (var dueCount = DueAfter(time.GetElapsedTime(start), window, connections.Length); closedCount < dueCount; closedCount++)
                connections[closedCount].CloseForDrain(options);

            if (isOver.IsCompleted)
                return;

            if (closedCount < connections.Length)
                await isOver.WaitAsync(LongestStep, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AbortAllAsync(Task empty)
    {
        var left = core.Admission.Snapshot();
        ServerLog.Aborting(core.Logger, left.Length);
        foreach (var connection in left)
            connection.Abort();

        // A session that does not return can't be made to; it holds up nobody else.
        await empty.WaitAsync(LastWait, core.Options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
