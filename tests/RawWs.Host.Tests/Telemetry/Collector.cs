using System.Net;
using System.Threading.Channels;

namespace RawWs.Host.Tests;

/// <summary>A collector of OpenTelemetry in this process, which takes what it is sent over HTTP.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebSocketServer _server = new(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
    private readonly Channel<(string Path, string? ContentType, byte[] Body)> _requests = Channel.CreateUnbounded<(string, string?, byte[])>();

    public Uri Url => new($"http://{_server.EndPoints[0]}/prefix");

    public static async Task<Collector> StartAsync()
    {
        var collector = new Collector();
        collector._server.MapHttp("/prefix/*", new HttpRoute(collector.TakeAsync) { Methods = ["POST"], MaxBodySize = 4 << 20 });
        await collector._server.StartAsync();
        return collector;
    }

    /// <summary>Everything that has come so far.</summary>
    public IReadOnlyList<(string Path, string? ContentType, byte[] Body)> TakeAll()
    {
        _requests.Writer.Complete();
        return [.. _requests.Reader.ReadAllAsync().ToBlockingEnumerable()];
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async ValueTask<HttpResponse> TakeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = await request.ReadBodyAsync(cancellationToken);
        _requests.Writer.TryWrite((request.Path, request.GetHeader("Content-Type"), body.ToArray()));

        // An empty message: everything was taken.
        return HttpResponse.Bytes(ReadOnlyMemory<byte>.Empty, "application/x-protobuf");
    }
}
