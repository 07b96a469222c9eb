using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace RawWs.Samples;

/// <summary>A subscriber that remembers the number of the last price of each symbol.</summary>
internal sealed class Subscriber(string name, bool isSlow) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, int> _lastNumbers = [];
    private readonly ClientWebSocket _client = new();
    private int _count;

    public Task ConnectAsync(Uri url) => _client.ConnectAsync(url, CancellationToken.None);

    /// <summary>Reads until it has seen the last price of each symbol.</summary>
    /// <param name="lastNumber">The number of the last prices, once it is known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task ReadAsync(Task<int> lastNumber, CancellationToken cancellationToken)
    {
        var buffer = new byte[256];
        while (!lastNumber.IsCompleted || !HasNewest(await lastNumber))
        {
            var received = await _client.ReceiveAsync(buffer, cancellationToken);
            var words = Encoding.ASCII.GetString(buffer, 0, received.Count).Split(' ');
            _lastNumbers[words[0]] = int.Parse(words[1], CultureInfo.InvariantCulture);
            _count++;

            if (isSlow && !lastNumber.IsCompleted)
                await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>What it saw, in words.</summary>
    public string Describe(int lastNumber) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: {_count:N0} of {lastNumber * Ticker.Symbols.Length:N0} prices, {(HasNewest(lastNumber) ? "the newest of every symbol" : "NOT the newest of every symbol")}");

    public bool HasNewest(int lastNumber) => Ticker.Symbols.All(symbol => _lastNumbers.GetValueOrDefault(symbol) == lastNumber);

    public void Dispose() => _client.Dispose();
}
