namespace RawWs.Load;

/// <summary>Everything together, for a while.</summary>
internal sealed class SoakRound(TargetServer server, int burst, SoakTally tally)
{
    private const int ChurnCount = 24, ResetCount = 2, SilentCount = 50, SlowReaderCount = 4, VisitorCount = 4;

    /// <summary>After a failure of the network, so that a server that is gone is not asked again at full speed.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        using var everything = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var publishing = CancellationTokenSource.CreateLinkedTokenSource(everything.Token);
        SoakRoom[] rooms =
        [
            new(server.EndPoint, "/broadcast", memberCount: 20, isHeavy: false, tally),
            new(server.EndPoint, "/rooms/one", memberCount: 10, isHeavy: false, tally),
            new(server.EndPoint, "/rooms/heavy", memberCount: 3, isHeavy: true, tally),
        ];

        // The members are there before the noise, so that they cannot miss the first message.
        var running = new List<Task>();
        foreach (var room in rooms)
        {
            var joined = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            running.Add(RunAsync(room, joined, publishing.Token, everything.Token));
            await joined.Task;
        }

        var loops = Workers(rooms).Select(worker => Task.Run(() => LoopAsync(worker, everything.Token), CancellationToken.None)).ToList();
        await WaitAsync(length, cancellationToken);

        // The noise goes on until the last member has heard the last message.
        await publishing.CancelAsync();
        await Task.WhenAll(running);
        await everything.CancelAsync();
        await Task.WhenAll(loops);
        Array.ForEach(rooms, room => room.Dispose());
    }

    private IEnumerable<ISoakWorker> Workers(SoakRoom[] rooms)
    {
        var target = server.EndPoint;
        return
        [
            .. Times(ChurnCount, _ => new ChurnWorker(target, tally)),
            .. Times(1, _ => new BurstWorker(target, burst, tally)),
            .. Enum.GetValues<FloodKind>().Select(kind => new FloodWorker(target, kind, tally)),
            .. Times(ResetCount, _ => new ResetWorker(target, tally)),
            .. Times(2 * SilentCount, index => new SilentWorker(target, opens: index % 2 == 0, tally)),
            .. Times(2 * SlowReaderCount, index => new SlowReaderWorker(target, reads: index % 2 == 0, tally)),
            .. Times(VisitorCount, index => new VisitorWorker(target, rooms[index % rooms.Length], tally)),
        ];
    }

    private static IEnumerable<ISoakWorker> Times(int count, Func<int, ISoakWorker> create) => Enumerable.Range(0, count).Select(create);

    private async Task RunAsync(SoakRoom room, TaskCompletionSource joined, CancellationToken publishing, CancellationToken cancellationToken)
    {
        try
        {
            await room.RunAsync(joined, publishing, cancellationToken);
        }
        catch (Exception error) when (NetworkFailure.Is(error) || error is OperationCanceledException)
        {
            tally.Failures.Add($"The members of {room.Path}: {error.Message}");
        }
    }

    private async Task WaitAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begin) < length && server.IsRunning && !cancellationToken.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private async Task LoopAsync(ISoakWorker worker, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && server.IsRunning)
        {
            try
            {
                await worker.RunOnceAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (NetworkFailure.Is(error) || error is OperationCanceledException)
            {
                if (worker is not (ResetWorker or FloodWorker or SlowReaderWorker) && !cancellationToken.IsCancellationRequested)
                    tally.Failures.Add($"{worker.GetType().Name}: {error.Message}");

                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }
}
