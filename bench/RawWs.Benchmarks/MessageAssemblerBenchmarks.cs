using System.Buffers;
using System.Net.WebSockets;
using BenchmarkDotNet.Attributes;
using RawWs.Benchmarks.Baselines;
using RawWs.Protocol;
using RawWs.Testing;

namespace RawWs.Benchmarks;

/// <summary>From the bytes of a hundred frames in one buffer to a hundred messages, beside the runtime's own WebSocket; the figures are for one message.</summary>
[MemoryDiagnoser]
public class MessageAssemblerBenchmarks
{
    private const int Count = 100;

    private readonly MessageAssembler _assembler = new(new MessageLimits(1 << 20, 1 << 20, 1 << 17));
    private readonly byte[] _message = new byte[1 << 20];
    private byte[] _frames = [];
    private WebSocket? _managed;

    [Params(16, 64, 1024)]
    public int PayloadLength { get; set; }

    [Params(MessageType.Text, MessageType.Binary)]
    public MessageType Type { get; set; }

    // Unmasking in place masks again in the next round. With this key both forms are ASCII, so that both are valid text.
    [GlobalSetup]
    public void Setup()
    {
        var frame = WireFrame.Masked((byte)(0x80 | (int)Type), new byte[PayloadLength]);
        frame.AsSpan(frame.Length - PayloadLength - 4, 4).Fill(0x01);
        frame.AsSpan(frame.Length - PayloadLength).Fill((byte)'x');
        _frames = [.. Enumerable.Repeat(frame, Count).SelectMany(each => each)];
        _managed = ManagedWebSocket.Over(new ReplayingStream([.. _frames]));
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public long Whole()
    {
        var input = new UnreadBytes(new ReadOnlySequence<byte>(_frames));
        var total = 0L;
        while (_assembler.TryReceive(ref input, out var received))
            total += received.Payload.Length;

        return total;
    }

    /// <summary>The way of messages that are not there whole, in fragments, compressed or streamed.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public long General()
    {
        var input = new ReadOnlySequence<byte>(_frames);
        var total = 0L;
        while (_assembler.TryReceive(ref input, out var received))
            total += received.Payload.Length;

        return total;
    }

    /// <summary>It copies each message into the caller's memory, and takes what it needs from its stream piece by piece.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public async ValueTask<long> ManagedWebSocketAsync()
    {
        var total = 0L;
        for (var index = 0; index < Count; index++)
            total += (await _managed!.ReceiveAsync(_message.AsMemory(), CancellationToken.None)).Count;

        return total;
    }
}
