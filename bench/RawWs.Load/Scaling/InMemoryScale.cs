using System.Buffers;
using System.Diagnostics;
using System.Net;
using RawWs.Testing;

namespace RawWs.Load;

/// <summary>
/// Many connections in this process, through memory: more than there can be descriptors, and nothing but the server's own cost. What the memory transport
/// itself holds is measured before the server has any connection, and taken off.
/// </summary>
/// <param name="count">How many.</param>
internal sealed class InMemoryScale(int count)
{
    private const int BroadcastCount = 5;
    private const int EchoRounds = 3;

    // Code that has not been compiled and pools that are not filled are no connection's.
    private const int WarmUpCount = 500;

    // What still runs when a connection has ended, and keeps it, takes a moment.
    private static readonly TimeSpan RestTime = TimeSpan.FromSeconds(1);

    // What the network takes while a client does not read: more than an answer to the handshake.
    private const int Capacity = 4096;

    private readonly FrameRing _ring = new(payloadSize: 64);

    /// <summary>Measures once; for another time there has to be another process, or its memory would be that of the first.</summary>
    /// <exception cref="IOException">A client did not get what it should have.</exception>
    public async Task<ScaleRow> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var server = ScaleServer.New([], transport: null);
        await WarmUpAsync(server, cancellationToken);

        var pairs = NewPairs(count);
        var before = MemoryNow();
        var sessions = await OpenAllAsync(server, pairs, cancellationToken);
        await EchoAllAsync(pairs, cancellationToken);
        var held = MemoryNow().PerConnection(before, count);

        var cpu = Environment.CpuUsage.TotalTime;
        for (var round = 0; round < EchoRounds; round++)
            await EchoAllAsync(pairs, cancellationToken);
        var perMessage = (Environment.CpuUsage.TotalTime - cpu) / ((double)count * EchoRounds);

        cpu = Environment.CpuUsage.TotalTime;
        var perBroadcast = await BroadcastAsync(server, pairs, cancellationToken);
        var perDelivery = (Environment.CpuUsage.TotalTime - cpu) / ((double)count * BroadcastCount);
        await AbortAllAsync(pairs, sessions);
        return new ScaleRow(
            "memory", count, held.Managed ?? 0, held.Native ?? 0, Kernel: null,
            perMessage.TotalMicroseconds, perDelivery.TotalMicroseconds, perBroadcast.TotalMilliseconds);
    }

    private async Task WarmUpAsync(WebSocketServer server, CancellationToken cancellationToken)
    {
        var pairs = NewPairs(WarmUpCount);
        var sessions = await OpenAllAsync(server, pairs, cancellationToken);
        for (var round = 0; round < EchoRounds; round++)
            await EchoAllAsync(pairs, cancellationToken);

        await BroadcastAsync(server, pairs, cancellationToken);
        await AbortAllAsync(pairs, sessions);
        await Task.Delay(RestTime, cancellationToken);
    }

    private static Pair[] NewPairs(int count)
        => [.. Enumerable.Range(0, count).Select(_ => InMemoryConnection.CreatePair(Capacity)).Select(pair => new Pair(pair.Server, pair.Client))];

    private static Task AbortAllAsync(Pair[] pairs, IEnumerable<Task> sessions)
    {
        foreach (var (_, client) in pairs)
            client.Abort();

        return Task.WhenAll(sessions);
    }

    private static ServerMemory MemoryNow()
    {
        var managed = ScaleServer.ManagedMemory();
        return new ServerMemory(Environment.WorkingSet, managed, Kernel: null);
    }

    /// <returns>What completes when a connection has ended; none of it fails.</returns>
    private static async Task<IReadOnlyList<Task>> OpenAllAsync(WebSocketServer server, Pair[] pairs, CancellationToken cancellationToken)
    {
        var sessions = new List<Task>(pairs.Length);
        var request = UpgradeRequests.Of(new IPEndPoint(IPAddress.Loopback, 80), "/echo");
        foreach (var (served, client) in pairs)
        {
            sessions.Add(server.ServeAsync(served));
            await client.Output.WriteAsync(request, cancellationToken);
            while (!await TryReadHeadAsync(client, cancellationToken))
            {
            }
        }

        return sessions;
    }

    private static async Task<bool> TryReadHeadAsync(InMemoryConnection client, CancellationToken cancellationToken)
    {
        var result = await client.Input.ReadAsync(cancellationToken);
        var reader = new SequenceReader<byte>(result.Buffer);
        var isWhole = reader.TryReadTo(out ReadOnlySequence<byte> _, "\r\n\r\n"u8);
        client.Input.AdvanceTo(isWhole ? reader.Position : result.Buffer.Start, result.Buffer.End);
        return isWhole || !result.IsCompleted ? isWhole : throw new IOException("The server ended a connection instead of answering.");
    }

    private async Task EchoAllAsync(Pair[] pairs, CancellationToken cancellationToken)
    {
        foreach (var (_, client) in pairs)
        {
            await client.Output.WriteAsync(_ring.Frames.AsMemory(0, _ring.FrameLength), cancellationToken);
            await ReadReplyAsync(client, cancellationToken);
        }
    }

    private async Task<TimeSpan> BroadcastAsync(WebSocketServer server, Pair[] pairs, CancellationToken cancellationToken)
    {
        var message = PreparedMessage.FromBytes(_ring.Replies.AsSpan(_ring.ReplyHeaderLength, _ring.PayloadSize));
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < BroadcastCount; round++)
        {
            server.Everyone.Broadcast(message);
            foreach (var (_, client) in pairs)
                await ReadReplyAsync(client, cancellationToken);
        }

        return clock.Elapsed / BroadcastCount;
    }

    private async Task ReadReplyAsync(InMemoryConnection client, CancellationToken cancellationToken)
    {
        var result = await client.Input.ReadAtLeastAsync(_ring.ReplyLength, cancellationToken);
        var isRight = result.Buffer.Length == _ring.ReplyLength && result.Buffer.ToArray().AsSpan().SequenceEqual(_ring.Replies.AsSpan(0, _ring.ReplyLength));
        client.Input.AdvanceTo(result.Buffer.End);
        if (!isRight)
            throw new IOException("A client did not get what was sent to it.");
    }

    private readonly record struct Pair(InMemoryConnection Server, InMemoryConnection Client);
}
