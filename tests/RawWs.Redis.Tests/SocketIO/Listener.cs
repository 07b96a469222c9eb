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
