using RawWs.Http;

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

    /// <summary>Lets the files of a folder, and of the folders in it, answer GET and HEAD requests.</summary>
    /// <param name="prefix">What their paths begin with, such as <c>/</c> or <c>/files/</c>. Exact paths and longer prefixes that are mapped come before files.</param>
    /// <param name="folder">
    /// The folder. Symbolic links that lead out of it are not followed, and what begins with a dot is not there, but for <c>.well-known</c>. <c>index.html</c> answers
    /// for its folder. A file <c>x</c> with an <c>x.br</c> or <c>x.gz</c> beside it that is not older is sent as that to clients that take it.
    /// </param>
    /// <exception cref="ArgumentException">The prefix is malformed or mapped already.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidOperationException">The server has been started.</exception>
    public void MapFiles(string prefix, string folder)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(folder);
        if (prefix is not ['/', ..] || prefix[^1] != '/')
            throw new ArgumentException($"'{prefix}' is no prefix of files: it begins and ends with a slash.", nameof(prefix));

        var route = new HttpRoute(new StaticFiles(prefix, new StaticFolder(folder)).AnswerAsync);
        MapHttp(prefix, route);
        MapHttp(prefix + "*", route);
    }
}
