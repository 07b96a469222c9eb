// Prices, many times a second, for ten thousand subscribers: connect to ws://localhost:3000/prices. Whoever reads slowly misses prices, but never the newest of a symbol.
using System.Globalization;
using RawWs.Samples;

if (args is ["--demo"])
    return await Demo.RunAsync();

var port = args is [var number] ? ushort.Parse(number, CultureInfo.InvariantCulture) : 3000;
using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.Cancel(); };

await using var ticker = await Ticker.StartAsync(port);
Console.WriteLine($"Prices at {ticker.Url} (Ctrl+C stops it)");
await ticker.PublishAsync(TimeSpan.FromMilliseconds(100), stopping.Token);
return 0;
