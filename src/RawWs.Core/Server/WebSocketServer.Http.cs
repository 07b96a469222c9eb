namespace RawWs;

// Plain HTTP beside WebSocket, on the same end points.
public sealed partial class WebSocketServer
{
    /// <summary>Lets <paramref name="route"/> answer the requests for a path that do not ask for a WebSocket. A session may serve the same path.</summary>
    /// <param name="path">As for sessions: <c>/healthz</c>, or <c>/api/*</c> for every path below <c>/api/</c>, or <c>*</c> for any other.</param>
    /// <param name="route">What answers.</param>
    /// <exception cref="ArgumentException">The path is malformed or has a route already.</exception>
    /// <exception cref="InvalidOperationException">The server has been started.</exception>
    public void MapHttp(string path, HttpRoute route)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(route);
        Map(_httpRoutes, path, route);
    }

    /// <summary>Lets <paramref name="handler"/> answer GET and HEAD requests for a path.</summary>
    /// <inheritdoc cref="MapHttp"/>
    /// <param name="path">As for <see cref="MapHttp"/>.</param>
    /// <param name="handler">As for <see cref="HttpRoute(Func{HttpRequest, CancellationToken, ValueTask{HttpResponse}})"/>.</param>
    public void MapGet(string path, Func<HttpRequest, CancellationToken, ValueTask<HttpResponse>> handler) => MapHttp(path, new HttpRoute(handler));
}
