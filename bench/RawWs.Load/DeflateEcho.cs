using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace RawWs.Load;

/// <summary>Echoes compressed JSON and counts.</summary>
internal static class DeflateEcho
{
    private const int FrameCount = 64;

    public static async Task<int> RunAsync(DeflateEchoOptions options, CancellationToken cancellationToken)
    {
        // Different messages of one kind: the same one again would be a single reference to the window.
        var frames = Enumerable.Range(0, FrameCount).Select(seed => FrameOf(JsonOf(options.Size, seed))).ToArray();
        var connections = new List<DeflateEchoConnection>();
        for (var index = 0; index < options.Connections; index++)
            connections.Add(await DeflateEchoConnection.OpenAsync(options.Url, frames, options.Takeover, cancellationToken));

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var count = 0L;
        var wireBytes = 0L;
        var loops = connections.Select(connection => Task.Run(() => LoopAsync(connection), CancellationToken.None)).ToList();

        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        var (countBefore, bytesBefore, cpuBefore, clock) = (Interlocked.Read(ref count), Interlocked.Read(ref wireBytes), ServerCpu.Of(options.ServerProcess), Stopwatch.StartNew());
        await Task.Delay(options.Duration, cancellationToken);
        var (messages, bytes, cpu, elapsed) = (Interlocked.Read(ref count) - countBefore, Interlocked.Read(ref wireBytes) - bytesBefore, ServerCpu.Of(options.ServerProcess) - cpuBefore, clock.Elapsed);

        await stopping.CancelAsync();
        await Task.WhenAll(loops);
        connections.ForEach(connection => connection.Dispose());

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{options.Connections} connections, {options.Size} bytes of JSON: {messages / elapsed.TotalSeconds:F0} messages/s, "
            + $"{(cpu > TimeSpan.Zero ? messages / cpu.TotalSeconds : 0):F0} per CPU-second of the server, {(double)bytes / Math.Max(1, messages):F0} bytes of payload in each echo"));
        return messages > 0 ? 0 : 1;

        async Task LoopAsync(DeflateEchoConnection connection)
        {
            try
            {
                while (!stopping.IsCancellationRequested)
                {
                    Interlocked.Add(ref wireBytes, await connection.EchoAsync(stopping.Token));
                    Interlocked.Increment(ref count);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The time is up.
            }
        }
    }

    // What a backend sends: the same names again and again, with values that differ.
    private static byte[] JsonOf(int size, int seed)
    {
        var text = new StringBuilder("[");
        for (var id = seed * 1000; text.Length < size; id++)
            text.Append(CultureInfo.InvariantCulture, $"{{\"id\":{id * 7919},\"symbol\":\"SYM{id * 31 % 997}\",\"price\":{id * 104729 % 100_000 / 100.0:F2},\"side\":\"{(id % 3 == 0 ? "buy" : "sell")}\"}},");

        return Encoding.ASCII.GetBytes(text.ToString(0, size));
    }

    /// <summary>A masked text frame with RSV1, RFC 7692 §6.1, compressed as a client would.</summary>
    private static byte[] FrameOf(byte[] message)
    {
        var compressed = new MemoryStream();
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(message);
            deflate.Flush();
        }

        // Flushing ends in 00 00 FF FF, which is left out; what disposing wrote after it is not part of it either.
        var payload = compressed.ToArray();
        var end = payload.AsSpan().LastIndexOf([(byte)0x00, (byte)0x00, (byte)0xFF, (byte)0xFF]);
        payload = payload[..end];

        var header = new byte[14];
        header[0] = 0xC1;
        var length = 2;
        if (payload.Length < 126)
        {
            header[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            header[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), checked((ushort)payload.Length));
            length = 4;
        }

        // A masking key of zeros: legal, and nothing to compute.
        return [.. header.AsSpan(0, length + 4), .. payload];
    }
}
