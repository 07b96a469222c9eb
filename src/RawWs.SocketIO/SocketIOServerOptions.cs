using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RawWs.SocketIO;

/// <summary>How a <see cref="SocketIOServer"/> behaves, and its limits. Read when the server is made; later changes have no effect on it.</summary>
public sealed partial class SocketIOServerOptions
{
    /// <summary>Where clients connect, without a slash at its end. Default <c>/socket.io</c>, which clients expect.</summary>
    /// <exception cref="ArgumentException">It is no path.</exception>
    public string Path
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value is ['/', _, ..] && value[^1] != '/' && !value.AsSpan().ContainsAny('?', '#', '*')
                ? value
                : throw new ArgumentException("A path begins with a slash and does not end with one, such as /socket.io.", nameof(Path));
        }
    } = "/socket.io";

    /// <summary>How long after the last pong a client is pinged. Default 25 s. Range: above 0, to 24 days.</summary>
    public TimeSpan PingInterval { get; set => field = Positive(value); } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How long a client has to answer a ping; then it is disconnected. Whatever else it says first gives it as long again, once for each ping: its answer may be stuck behind an upload. Default
    /// 20 s. Range: above 0, to 24 days.
    /// </summary>
    public TimeSpan PingTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(20);

    /// <summary>How long a client has to change from polling to a WebSocket; then it stays on polling. Default 10 s. Range: above 0, to 24 days.</summary>
    public TimeSpan UpgradeTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be in no namespace at its start; then it is closed. Default 45 s. Range: above 0, to 24 days.</summary>
    public TimeSpan ConnectTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(45);

    /// <summary>How long an ack is waited for where nothing else is said. Default 30 s. Range: above 0, to 24 days.</summary>
    public TimeSpan AckTimeout { get; set => field = Positive(value); } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Bytes in a polling request or a WebSocket message; more is answered with 413, or closed with 1009. Default 1,000,000. A WebSocket message is also bounded by
    /// <see cref="WebSocketServerOptions.MaxMessageSize"/>, and a request takes no longer than <see cref="WebSocketServerOptions.HttpBodyTimeout"/>. Range: from 1.
    /// </summary>
    public int MaxPayload { get; set => field = AtLeastOne(value); } = 1_000_000;

    /// <summary>Binary values in one event or ack; more closes the connection. Default 10. Range: from 1.</summary>
    public int MaxAttachmentCount { get; set => field = AtLeastOne(value); } = 10;

    /// <summary>Bytes in one event or ack with its binary values; more closes the connection. Default 10,000,000. Range: from 1.</summary>
    public int MaxPacketSize { get; set => field = AtLeastOne(value); } = 10_000_000;

    /// <summary>Arrays and objects inside each other in one event; more closes the connection. Default 64. Range: from 1.</summary>
    public int MaxJsonDepth { get; set => field = AtLeastOne(value); } = 64;

    /// <summary>Connections at the same time; more are answered with 503. Default 100,000. Range: from 1.</summary>
    public int MaxSessionCount { get; set => field = AtLeastOne(value); } = 100_000;

    /// <summary>
    /// Connections on long-polling without a request under way at this moment; while there are as many, new ones are answered with 503. Such a connection costs
    /// its client nothing, and is there until <see cref="PingInterval"/> and <see cref="PingTimeout"/> have passed. Default 10,000. Range: from 1.
    /// </summary>
    public int MaxDetachedSessionCount { get; set => field = AtLeastOne(value); } = 10_000;

    /// <summary>Packets that may wait for a client's next poll; one that is sent more is disconnected. Default 4,096. Range: from 1.</summary>
    public int MaxQueueCount { get; set => field = AtLeastOne(value); } = 4_096;

    /// <summary>
    /// Bytes that may wait for a client's next poll; while there are as many, one that is sent more is disconnected. A packet is taken whatever its size while there are fewer. Default 4 MiB, four
    /// times what a client may send at once (<see cref="MaxPayload"/>): a client does not poll while it changes to a WebSocket, nor between two polls, and what the application sends at its
    /// connection has to wait meanwhile. Raise it if that is more. What is sent to many waits in one piece of memory for all. On a WebSocket it is
    /// <see cref="WebSocketServerOptions.MaxSendQueueSize"/> that a client which reads too slowly is disconnected for. Range: from 1.
    /// </summary>
    public int MaxQueueSize { get; set => field = AtLeastOne(value); } = 4 << 20;

    /// <summary>Namespaces that one connection is in or joins; with more it is closed. Default 64. Range: from 1.</summary>
    public int MaxNamespacesPerConnection { get; set => field = AtLeastOne(value); } = 64;

    /// <summary>Rooms of one socket, its own not counted; joining more throws. Default 1,024. Range: from 1.</summary>
    public int MaxRoomsPerSocket { get; set => field = AtLeastOne(value); } = 1_024;

    /// <summary>
    /// Events of one socket that wait for its handlers; while there are as many, nothing more is read from its client. Only while an answer of the client is waited for, which may
    /// be behind them, 16 times as many are read, and of what is beyond as much as <see cref="MaxPacketSize"/>. Default 256. Range: from 1.
    /// </summary>
    public int MaxPendingEventCount { get; set => field = AtLeastOne(value); } = 256;

    /// <summary>Acks of one socket that are waited for; asking for more throws. Default 1,024. Range: from 1.</summary>
    public int MaxPendingAckCount { get; set => field = AtLeastOne(value); } = 1_024;

    /// <summary>
    /// Namespaces that clients may make, by the names they connect to, where the application has said which (<see cref="SocketIOServer.Of(System.Text.RegularExpressions.Regex)"/>);
    /// with more a client is refused. Default 1,000. Range: from 0.
    /// </summary>
    public int MaxDynamicNamespaceCount
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 1_000;

    /// <summary>
    /// Whether a namespace that a client has made goes with the last client in it, its rooms and handlers with it. Default true: without, clients use up
    /// <see cref="MaxDynamicNamespaceCount"/> for good.
    /// </summary>
    public bool CleanUpEmptyChildNamespaces { get; set; } = true;

    /// <summary>
    /// How clients that lost their connection get it back, with their id, rooms and data, and what they have missed. Null, the default: they do not, and begin anew.
    /// </summary>
    public ConnectionStateRecoveryOptions? ConnectionStateRecovery { get; set; }

    /// <summary>Makes what reaches the sockets of a namespace, on other servers too. Called once for each namespace. Null, the default: there is this server only.</summary>
    public Func<SocketIONamespace, SocketIOAdapter>? Adapter { get; set; }

    /// <summary>How packets are written. Default: <see cref="SocketIOParser.Json"/>.</summary>
    public SocketIOParser Parser
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = SocketIOParser.Json;

    /// <summary>
    /// How values become JSON and back. Null, the default: names in camel case, and reflection where there is any. For source generation, give a context's
    /// options, or set the context as <see cref="JsonSerializerOptions.TypeInfoResolver"/>; common types need neither.
    /// </summary>
    public JsonSerializerOptions? Json { get; set; }

    /// <summary>Where time comes from. Default: the system.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the log goes. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>What a server keeps: nothing that is changed afterwards reaches it.</summary>
    internal SocketIOServerOptions Clone()
    {
        var clone = (SocketIOServerOptions)MemberwiseClone();
        (clone.Cors, clone.ConnectionStateRecovery) = (Cors?.Copy(), ConnectionStateRecovery?.Clone());
        return clone;
    }

    private static TimeSpan Positive(TimeSpan value, [CallerMemberName] string? name = null) => WaitingTime.Checked(value, name);

    private static int AtLeastOne(int value, [CallerMemberName] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }
}
