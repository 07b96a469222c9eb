using System.Runtime.CompilerServices;
using RawWs.Protocol;

namespace RawWs;

/// <summary>What a path answers to requests that are no opening handshakes: a handler, the methods it knows, and how large a body may be.</summary>
/// <remarks>Immutable. The handler is called for many requests at the same time.</remarks>
public sealed class HttpRoute
{
    private static readonly string[] Standard = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <summary>Makes a route.</summary>
    /// <param name="handler">
    /// Called for each request, with a token that is cancelled when the client goes away or the server begins to stop: a response may be held back for as long as
    /// that does not happen. The client's going is seen once the body has been read, and a client that ends its side of the connection counts as gone, though what
    /// is answered all the same is sent. If the handler throws, the answer is 500. No <see cref="SynchronizationContext"/> is captured.
    /// </param>
    public HttpRoute(Func<HttpRequest, CancellationToken, ValueTask<HttpResponse>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Handler = handler;
    }

    /// <summary>
    /// The methods that the handler is called for; others are answered with 405, or 501 if they are none of HTTP's common ones. HEAD comes with GET: the handler
    /// answers both alike. Default: GET.
    /// </summary>
    /// <exception cref="ArgumentException">There is none, or one is no token, CONNECT or TRACE.</exception>
    public IReadOnlyList<string> Methods { get; init => field = Valid(value); } = ["GET", "HEAD"];

    /// <summary>
    /// Bytes in the body of a request; more is answered with 413, before the handler is called if the client announces it, else while the handler reads. Default
    /// 0: no body at all. Range: from 0.
    /// </summary>
    public long MaxBodySize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    internal Func<HttpRequest, CancellationToken, ValueTask<HttpResponse>> Handler { get; }

    /// <summary>Whether a method is one that a server may be expected to know (RFC 9110 §9.3), but for those that tunnel or echo.</summary>
    internal static bool IsStandard(string method) => Standard.Contains(method, StringComparer.Ordinal);

    private static string[] Valid(IReadOnlyList<string> methods, [CallerMemberName] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(methods);
        if (methods.Count == 0 || methods.Any(method => !HttpGrammar.IsToken(method) || method is "CONNECT" or "TRACE"))
            throw new ArgumentException("A route has methods, each a token such as GET or POST; CONNECT and TRACE are none that a route can have.", name);

        return [.. methods.Concat(methods.Contains("GET", StringComparer.Ordinal) ? ["HEAD"] : []).Distinct(StringComparer.Ordinal)];
    }
}
