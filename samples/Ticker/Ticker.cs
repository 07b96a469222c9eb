using System.Globalization;
using System.Net;
using System.Text;

namespace RawWs.Samples;

/// <summary>Broadcasts prices. A message is text: the symbol, the number of the price, and what a market says about it.</summary>
internal sealed class Ticker : IAsyncDisposable
{
    private const string Path = "/prices";

    public static readonly string[] Symbols = ["ACME", "BOLT", "CRUX", "DUNE", "EDGE"];

    private readonly decimal[] _prices = [.. Symbols.Select(_ => 100m)];
    private readonly WebSocketServer _server;

    private Ticker(WebSocketServer server) => _server = server;

    public Uri Url => new($"ws://{_server.EndPoints[0]}{Path}");

    /// <summary>How many prices of each symbol have been published.</summary>
    public int PublishedCount { get; private set; }

    public static async Task<Ticker> StartAsync(int port)
    {
        var server = new WebSocketServer(new()
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],

            // A price takes the place of one of the same symbol that still waits, so that no subscriber has more than one of each waiting.
            RoomOptions = _ => new RoomOptions { ConflationKey = SymbolOf },
        });
        server.Map(Path, async (connection, cancellationToken) =>
        {
            server.Rooms[Path].Join(connection);

            // Subscribers have nothing to say; reading is how we learn that they leave.
            while (await connection.ReceiveAsync(cancellationToken) is not null)
            {
            }
        });
        await server.StartAsync();
        return new Ticker(server);
    }

    /// <summary>Publishes a price of each symbol again and again.</summary>
    /// <param name="interval">How often; zero for as often as can be.</param>
    /// <param name="cancellationToken">When to stop.</param>
    public async Task PublishAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Publish();

            if (interval == TimeSpan.Zero)
                await Task.Yield();
            else
                await Task.Delay(interval, cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Publishes one price of each symbol.</summary>
    public void Publish()
    {
        PublishedCount++;
        for (var index = 0; index < Symbols.Length; index++)
        {
            _prices[index] = Math.Max(1, _prices[index] + (Random.Shared.Next(-50, 51) / 100m));

            // Not awaited: nobody is waited for, because what waits for a slow reader does not grow.
            var price = _prices[index];
            _server.Rooms[Path].Broadcast(string.Create(
                CultureInfo.InvariantCulture, $"{Symbols[index]} {PublishedCount} last {price:F2} bid {price - 0.01m:F2} ask {price + 0.01m:F2} volume {Random.Shared.Next(1_000_000)}"));
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string SymbolOf(PreparedMessage message)
    {
        var payload = message.Payload.Span;
        return Encoding.ASCII.GetString(payload[..payload.IndexOf((byte)' ')]);
    }
}
