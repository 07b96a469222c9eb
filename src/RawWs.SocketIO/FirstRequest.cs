using System.Net;

namespace RawWs.SocketIO;

/// <summary>The request that began a connection, of whatever kind: what the handshakes of all its sockets look at. Immutable and thread-safe.</summary>
/// <param name="time">When it came.</param>
internal abstract class FirstRequest(DateTimeOffset time)
{
    public DateTimeOffset Time => time;

    public abstract string Path { get; }

    public abstract string Query { get; }

    public abstract IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    public abstract EndPoint? RemoteEndPoint { get; }

    public abstract bool IsSecure { get; }

    public abstract string? GetHeader(string name);

    public abstract string? GetCookie(string name);

    public abstract string? GetQueryValue(string name);

    /// <summary>One of polling.</summary>
    public static FirstRequest Of(HttpRequest request, DateTimeOffset time) => new Polling(request, time);

    /// <summary>One that opens a WebSocket.</summary>
    public static FirstRequest Of(UpgradeRequest request, DateTimeOffset time) => new Opening(request, time);

    private sealed class Polling(HttpRequest request, DateTimeOffset time) : FirstRequest(time)
    {
        public override string Path => request.Path;

        public override string Query => request.Query;

        public override IReadOnlyList<KeyValuePair<string, string>> Headers => request.Headers;

        public override EndPoint? RemoteEndPoint => request.RemoteEndPoint;

        public override bool IsSecure => request.Tls is not null;

        public override string? GetHeader(string name) => request.GetHeader(name);

        public override string? GetCookie(string name) => request.GetCookie(name);

        public override string? GetQueryValue(string name) => request.GetQueryValue(name);
    }

    private sealed class Opening(UpgradeRequest request, DateTimeOffset time) : FirstRequest(time)
    {
        public override string Path => request.Path;

        public override string Query => request.Query;

        public override IReadOnlyList<KeyValuePair<string, string>> Headers => request.Headers;

        public override EndPoint? RemoteEndPoint => request.RemoteEndPoint;

        public override bool IsSecure => request.Tls is not null;

        public override string? GetHeader(string name) => request.GetHeader(name);

        public override string? GetCookie(string name) => request.GetCookie(name);

        public override string? GetQueryValue(string name) => request.GetQueryValue(name);
    }
}
