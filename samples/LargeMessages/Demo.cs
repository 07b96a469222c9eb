using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace RawWs.Samples;

/// <summary>Sends a message of a size and receives one, in the same process, and tells what that took.</summary>
internal static class Demo
{
    /// <summary>What the client sends and receives at once.</summary>
    private const int PieceSize = 64 * 1024;

    public static async Task<int> RunAsync(IPEndPoint server, long size)
    {
        var expected = Convert.ToHexStringLower(await SHA256.HashDataAsync(new GeneratedStream(size)));
        var allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
        var watch = Stopwatch.StartNew();

        var uploaded = await UploadAsync(new Uri($"ws://{server}/upload"), size);
        var uploadTime = watch.Elapsed;
        watch.Restart();
        var downloaded = await DownloadAsync(new Uri($"ws://{server}/download?{size}"));
        var downloadTime = watch.Elapsed;

        var allocated = GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore;
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"upload: {(uploaded == expected ? "intact" : "BROKEN")}, {uploadTime.TotalSeconds:F1} s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"download: {(downloaded == expected ? "intact" : "BROKEN")}, {downloadTime.TotalSeconds:F1} s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"allocated: {allocated} bytes; peak of resident memory: {process.PeakWorkingSet64} bytes"));
        return uploaded == expected && downloaded == expected ? 0 : 1;
    }

    private static async Task<string> UploadAsync(Uri url, long size)
    {
        using var client = new ClientWebSocket();
        await client.ConnectAsync(url, CancellationToken.None);

        var content = new GeneratedStream(size);
        var piece = new byte[PieceSize];
        for (var left = size; left > 0;)
        {
            var count = await content.ReadAsync(piece);
            left -= count;
            await client.SendAsync(piece.AsMemory(0, count), WebSocketMessageType.Binary, endOfMessage: left == 0, CancellationToken.None);
        }

        var answer = await client.ReceiveAsync(piece, CancellationToken.None);
        return Encoding.ASCII.GetString(piece, 0, answer.Count);
    }

    private static async Task<string> DownloadAsync(Uri url)
    {
        using var client = new ClientWebSocket();
        await client.ConnectAsync(url, CancellationToken.None);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[PieceSize];
        while (true)
        {
            var received = await client.ReceiveAsync(piece.AsMemory(), CancellationToken.None);
            hash.AppendData(piece.AsSpan(0, received.Count));
            if (received.EndOfMessage)
                return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
