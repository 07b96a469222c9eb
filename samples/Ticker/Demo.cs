namespace RawWs.Samples;

/// <summary>A ticker at full speed with a few subscribers in the same process, one of them slow, and what each of them saw.</summary>
internal static class Demo
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5), ReadTimeout = TimeSpan.FromSeconds(60);

    /// <returns>The exit code: 0 if everybody saw the newest price of each symbol.</returns>
    public static async Task<int> RunAsync()
    {
        await using var ticker = await Ticker.StartAsync(port: 0);
        List<Subscriber> subscribers = [new("Ada", isSlow: false), new("Ben", isSlow: false), new("Cleo, who is slow", isSlow: true)];
        foreach (var subscriber in subscribers)
            await subscriber.ConnectAsync(ticker.Url);

        using var giveUp = new CancellationTokenSource(Length + ReadTimeout);
        var lastNumber = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = subscribers.Select(subscriber => Task.Run(() => subscriber.ReadAsync(lastNumber.Task, giveUp.Token))).ToList();

        Console.WriteLine($"As many prices as can be, for {Length.TotalSeconds} s");
        using (var length = new CancellationTokenSource(Length))
            await ticker.PublishAsync(TimeSpan.Zero, length.Token);

        // Known before they are sent: whoever gets the last prices knows that nothing comes after them.
        lastNumber.SetResult(ticker.PublishedCount + 1);
        ticker.Publish();
        await Task.WhenAll(reading).ContinueWith(static _ => { }, TaskScheduler.Default);

        subscribers.ForEach(subscriber => Console.WriteLine(subscriber.Describe(ticker.PublishedCount)));
        var isGood = subscribers.TrueForAll(subscriber => subscriber.HasNewest(ticker.PublishedCount));
        subscribers.ForEach(subscriber => subscriber.Dispose());
        return isGood ? 0 : 1;
    }
}
