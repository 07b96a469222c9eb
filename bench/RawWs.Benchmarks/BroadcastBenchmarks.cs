using System.Net.WebSockets;
using BenchmarkDotNet.Attributes;
using RawWs.Benchmarks.Baselines;

namespace RawWs.Benchmarks;

/// <summary>
/// A message to many over networks that take everything at once, beside a loop over the runtime's own WebSockets. It is made anew each time, and so is encoded
/// once each time; the loop encodes it for everybody.
/// </summary>
[MemoryDiagnoser]
public class BroadcastBenchmarks
{
    private readonly byte[] _payload = Samples.Json(100);
    private SilentAudience? _audience;
    private WebSocket[] _managed = [];

    [Params(10, 100, 1000)]
    public int MemberCount { get; set; }

    // Not asynchronous: nobody would await it in this process.
    [GlobalSetup]
    public void Setup()
    {
        _audience = SilentAudience.OpenAsync(MemberCount).GetAwaiter().GetResult();
        _managed = [.. Enumerable.Range(0, MemberCount).Select(_ => ManagedWebSocket.Over(new ReplayingStream([])))];
    }

    [Benchmark]
    public int ToRoom() => _audience!.Room.Broadcast(PreparedMessage.FromBytes(_payload)).Recipients;

    [Benchmark]
    public int ToEveryone() => _audience!.Everyone.Broadcast(PreparedMessage.FromBytes(_payload)).Recipients;

    [Benchmark(Baseline = true)]
    public async Task<int> ManagedWebSocketsAsync()
    {
        foreach (var member in _managed)
            await member.SendAsync(_payload.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

        return _managed.Length;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _audience!.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Array.ForEach(_managed, member => member.Dispose());
    }
}
