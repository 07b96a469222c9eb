using System.Net.WebSockets;
using BenchmarkDotNet.Attributes;
using RawWs.Benchmarks.Baselines;

namespace RawWs.Benchmarks;

/// <summary>Writing one frame to a network that takes everything at once, beside the runtime's own WebSocket.</summary>
[MemoryDiagnoser]
public class SendBenchmarks
{
    private byte[] _payload = [];
    private SilentAudience? _audience;
    private WebSocket? _managed;

    [Params(16, 1024, 16 * 1024)]
    public int PayloadLength { get; set; }

    // Not asynchronous: nobody would await it in this process.
    [GlobalSetup]
    public void Setup()
    {
        _payload = Samples.Json(PayloadLength);
        _audience = SilentAudience.OpenAsync(1).GetAwaiter().GetResult();
        _managed = ManagedWebSocket.Over(new ReplayingStream([]));
    }

    [Benchmark]
    public ValueTask SendAsync() => _audience!.First.SendAsync(_payload);

    [Benchmark(Baseline = true)]
    public ValueTask ManagedWebSocketAsync() => _managed!.SendAsync(_payload.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    [GlobalCleanup]
    public void Cleanup()
    {
        _audience!.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _managed!.Dispose();
    }
}
