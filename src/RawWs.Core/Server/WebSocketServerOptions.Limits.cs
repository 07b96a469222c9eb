using System.Numerics;
using System.Runtime.CompilerServices;

namespace RawWs;

public sealed partial class WebSocketServerOptions
{
    private static readonly long ShareForReceiving = ReceiveMemoryOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    // What timers of the runtime and of the kernel take, in milliseconds.
    private static readonly TimeSpan LongestTime = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>How many connections may be open at once, handshakes included; more are answered with 503. Default 100,000. Range: from 1.</summary>
    public int MaxConnections { get; set => field = InRange(value, 1, int.MaxValue); } = 100_000;

    /// <summary>How many connections the kernel keeps until they are accepted; it has a limit of its own. Default 4,096. Range: from 1.</summary>
    public int Backlog { get; set => field = InRange(value, 1, int.MaxValue); } = 4_096;

    /// <summary>
    /// Bytes in the request line; more is answered with 414. Default 8,192, for long query strings. Range: 64 to 65,536, and at most
    /// <see cref="MaxRequestHeadSize"/> to have an effect.
    /// </summary>
    public int MaxRequestLineSize { get; set => field = InRange(value, 64, 65_536); } = 8_192;

    /// <summary>Bytes in the request's head; more is answered with 431. Default 16,384, for browsers with many cookies. Range: 256 to 1,048,576.</summary>
    public int MaxRequestHeadSize { get; set => field = InRange(value, 256, 1_048_576); } = 16_384;

    /// <summary>Header fields in a request; more is answered with 431. Default 100. Range: 8 to 10,000.</summary>
    public int MaxHeaderCount { get; set => field = InRange(value, 8, 10_000); } = 100;

    /// <summary>
    /// Bytes in a message that is received whole; more closes with 1009, as soon as a frame announces it. Default 1,048,576, which bounds what one
    /// peer can make the server hold. Raise it for those who send files; better, receive those as streams. Range: from 0.
    /// </summary>
    public int MaxMessageSize { get; set => field = InRange(value, 0, Array.MaxLength); } = 1_048_576;

    /// <summary>
    /// Bytes in a message that is received as a stream; more closes with 1009. Nothing of it is held but the piece at hand. Default 4 GiB.
    /// Range: from 0.
    /// </summary>
    public long MaxStreamedMessageSize { get; set => field = InRange(value, 0, long.MaxValue); } = 4L << 30;

    /// <summary>Frames in a message, empty ones included; more closes with 1008. Default 131,072: 4 MiB may come in pieces of 64 bytes. Range: from 1.</summary>
    public int MaxFragmentCount { get; set => field = InRange(value, 1, int.MaxValue); } = 131_072;

    /// <summary>
    /// From the acceptance of a connection to the answer of its opening handshake, TLS before it and the hook included; for an HTTP request, to the end of its head, and for a
    /// later one on the same connection from its first byte. A slower client is answered with 408. Default 10 s. Range: above 0, to 24 days; never: <see cref="Timeout.InfiniteTimeSpan"/>. So for all of these.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connection may be idle between two HTTP requests before it is closed. Default 60 s. Raise it beyond that of a proxy in front, so that it is the
    /// proxy who ends connections.
    /// </summary>
    public TimeSpan HttpIdleTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// From the moment when a handler begins to read the body of an HTTP request to the body's last byte; a slower client is answered with 408. Default 30 s.
    /// Raise it together with <see cref="HttpRoute.MaxBodySize"/>.
    /// </summary>
    public TimeSpan HttpBodyTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// HTTP requests on one connection; the last one's response ends it, so that who asks for more is admitted again. Default 1,000. Range: from 1.
    /// </summary>
    public int MaxRequestsPerConnection { get; set => field = InRange(value, 1, int.MaxValue); } = 1_000;

    /// <summary>
    /// Silence from the peer after which it is sent a ping; any byte ends the silence. Default 20 s: below the 30 to 60 s after which proxies
    /// drop what seems idle. Raise <see cref="IdleTimeout"/> with it.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set => field = Positive(value); } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Silence after a ping until the connection is closed with 1011. A peer that takes what has waited for it is not silent, however slowly it does: that is for
    /// <see cref="WriteTimeout"/> to judge. Default 20 s.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Silence from the peer, as for <see cref="KeepAliveTimeout"/>, until the connection is closed with 1001, pings or not: the last resort where keep-alive is off. Default 2 min. Keep it above
    /// <see cref="KeepAliveInterval"/> and <see cref="KeepAliveTimeout"/> together: below, it ends silent connections before their peers are pinged, or could answer.
    /// </summary>
    public TimeSpan IdleTimeout { get; set => field = Positive(value); } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// From the first byte of a message to its last, however many come in between; a slower one closes with 1008. Does not apply to messages that are
    /// received as streams. Default 60 s. Raise it together with <see cref="MaxMessageSize"/>, for peers on slow networks.
    /// </summary>
    public TimeSpan MessageTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(60);

    /// <summary>How long the network may refuse to take what is sent, because the peer does not read, before the connection is aborted. Default 30 s.</summary>
    public TimeSpan WriteTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(30);

    /// <summary>How long a peer may take to answer our close frame, and then again to end its side of TCP, before the connection is aborted. Default 5 s.</summary>
    public TimeSpan CloseTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Bytes that are read from a socket at once, at most; a read takes 4,096 until the flow fills that. Default 131,072. Range: 1 to 1,048,576. Lower it
    /// to bound what one busy connection holds; at 1, a test sees every split that there can be.
    /// </summary>
    public int MaxReceiveSize { get; set => field = InRange(value, 1, 1_048_576); } = 131_072;

    /// <summary>
    /// Bytes that messages which have begun and are not complete may take, those of all connections together. What has arrived counts, not what was announced, and 16 KiB of each connection are
    /// free. Whoever wants more is closed with 1013. Default: a quarter of the memory, at least 256 MiB, never more than half; of the memory, that is, which the process may have.
    /// Range: from 1 MiB. Raise it if many clients send large messages at once, or have them come as a stream, which takes none of it.
    /// </summary>
    public long MaxReceiveMemory { get; set => field = InRange(value, 1 << 20, long.MaxValue); } = ShareForReceiving;

    /// <summary>
    /// Messages of fewer bytes are sent uncompressed: they would hardly become smaller. Default 1,024. Range: from 0. Lower it with
    /// <see cref="CompressionMode.Dedicated"/>, where small messages that resemble each other gain most.
    /// </summary>
    public int CompressionThreshold { get; set => field = InRange(value, 0, int.MaxValue); } = 1_024;

    /// <summary>
    /// The largest sliding window of compression, as a power of two, for both directions as far as the client lets the server say. Default 15: 32 KiB.
    /// Range: 9 to 15. Lower it to save memory with <see cref="CompressionMode.Dedicated"/>.
    /// </summary>
    public int MaxCompressionWindowBits { get; set => field = InRange(value, 9, 15); } = 15;

    /// <summary>
    /// Bytes that all compression states of the process may take together. When they are used up, the extension is not offered to new clients,
    /// messages go out uncompressed, and a client that sends a compressed one is closed with 1013. Default 256 MiB. Range: from 1 MiB.
    /// </summary>
    public long MaxCompressionMemory { get; set => field = InRange(value, 1 << 20, long.MaxValue); } = 256L << 20;

    /// <summary>The default of <see cref="MaxReceiveMemory"/> for a process that may have so many bytes.</summary>
    internal static long ReceiveMemoryOf(long memory) => Math.Max(memory / 4, Math.Min(256L << 20, memory / 2));

    private static RateLimit? Valid(RateLimit? value, [CallerMemberName] string? name = null)
        => value is null or { PerSecond: > 0, Burst: > 0 }
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} is a rate of at least 1, or null for any.");

    private static T InRange<T>(T value, T min, T max, [CallerMemberName] string? name = null)
        where T : INumber<T>
        => value >= min && value <= max
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} is {min} to {max}.");

    private static T Named<T>(T value, [CallerMemberName] string? name = null)
        where T : struct, Enum
        => Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is one of {string.Join(", ", Enum.GetNames<T>())}.");

    private static T NotNull<T>(T value, [CallerMemberName] string? name = null)
        where T : class
        => value ?? throw new ArgumentNullException(name);

    private static TimeSpan Positive(TimeSpan value, [CallerMemberName] string? name = null)
        => (value > TimeSpan.Zero && value <= LongestTime) || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} is a positive time of at most 24 days, or Timeout.InfiniteTimeSpan for never.");
}
