using System.Net;
using System.Net.Sockets;
using System.Text;
using BenchmarkDotNet.Attributes;
using RawWs.Testing;

namespace RawWs.Benchmarks;

/// <summary>
/// A round trip over loopback through the whole server, one at a time: each read waits, so that "Allocated" shows what waiting costs. It is
/// what the pooling of the two async methods of the read path stands on.
/// </summary>
[MemoryDiagnoser]
public class ReceiveBenchmarks
{
    private readonly byte[] _frame = WireFrame.MaskedText("Hello");
    private readonly byte[] _answer = new byte[7];
    private readonly CancellationTokenSource _stopping = new();
    private WebSocketServer? _server;
    private Task? _running;
    private Socket? _client;

    // Not asynchronous: nobody would await it in this process.
    [GlobalSetup]
    public void Setup()
    {
        _server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        _running = _server.RunAsync(TestServer.EchoAsync, _stopping.Token);
        while (_server.EndPoints.Count == 0)
            Thread.Yield();

        // Synchronous throughout: a socket that has once been used asynchronously allocates in its synchronous calls.
        _client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _client.Connect(_server.EndPoints[0]);
        _client.Send(Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n"));
        var head = new byte[1024];
        while (!Encoding.ASCII.GetString(head).Contains("\r\n\r\n", StringComparison.Ordinal))
            _client.Receive(head);
    }

    [Benchmark]
    public int RoundTrip()
    {
        _client!.Send(_frame);
        var received = 0;
        while (received < _answer.Length)
            received += _client.Receive(_answer, received, _answer.Length - received, SocketFlags.None);

        return received;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _client!.Dispose();
        _stopping.Cancel();
        _running!.GetAwaiter().GetResult();
    }
}
