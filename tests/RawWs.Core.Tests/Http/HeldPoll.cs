using System.Threading.Channels;

namespace RawWs.Tests.Http;

/// <summary>A route whose requests a test answers when it likes.</summary>
internal sealed class HeldPoll
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>();

    public void Map(WebSocketServer server) => server.MapHttp("/poll", new HttpRoute(HandleAsync) { Methods = ["GET", "POST"], MaxBodySize = 100 });

    /// <summary>The next request that has come, its body read.</summary>
    public async Task<Request> NextAsync()
    {
        using var timeout = new CancellationTokenSource(LongestWait);
        return await _requests.Reader.ReadAsync(timeout.Token);
    }

    private async ValueTask<HttpResponse> HandleAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        await request.ReadBodyAsync(cancellationToken);
        var held = new Request(cancellationToken);
        _requests.Writer.TryWrite(held);
        return await held.Answer.Task;
    }

    /// <summary>A request that waits for its answer.</summary>
    /// <param name="Gone">Its handler's token.</param>
    internal sealed record Request(CancellationToken Gone)
    {
        public TaskCompletionSource<HttpResponse> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
