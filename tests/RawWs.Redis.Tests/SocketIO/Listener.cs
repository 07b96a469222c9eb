using System.Collections.Concurrent;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>A client that keeps what it is sent.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly EngineClient _client;
    private readonly Task _reading;

    public Listener(EngineClient client)
    {
        _client = client;
        _reading = Task.Run(ReadAsync);
    }

    public string[] Heard => [.. _heard];

    public Task HearsAsync(string text) => Eventually.HoldsAsync(() => _heard.Contains(text));

    /// <summary>Says one thing after the other, each when the one before has been heard at home.</summary>
    /// <returns>What was said.</returns>
    public static async Task<List<string>> TalkAsync(ClusterServer server, string name, Listener listener, CancellationToken cancellationToken)
    {
        var said = new List<string>();
        while (!cancellationToken.IsCancellationRequested)
        {
            said.Add($"{name} {said.Count}");
            await server.IO.EmitAsync("e", said[^1]);
            await listener.HearsAsync(said[^1]);
        }

        return said;
    }

    /// <summary>Each once, and none before one that was said earlier.</summary>
    public static void AssertPartInOrder(List<string> said, IEnumerable<string> heard)
    {
        var places = heard.Select(text => said.IndexOf(text)).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Distinct().Order(), places);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.WebSocket.SendAsync(WireFrame.MaskedClose(1000));
        await _reading;
        await _client.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        while (await _client.ReadAsync() is ['4', '2', ..] message)
            _heard.Enqueue(message["42[\"e\",\"".Length..^2]);
    }
}
