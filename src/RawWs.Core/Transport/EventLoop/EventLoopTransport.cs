using System.Net;
using System.Runtime.InteropServices;

namespace RawWs.Transport;

/// <summary>
/// TCP and Unix sockets through event loops of our own, on Linux: one thread for each processor, which waits for its connections, reads them straight into
/// pooled memory, runs their sessions, and sends together what they have sent in one turn. The default where it is supported, and much faster than
/// <see cref="SocketTransport"/>.
/// </summary>
/// <remarks>
/// <para>
/// A session must not block the thread that it runs on, for others share it: not by waiting for another task (<c>Wait()</c>, <c>Result</c>), which may even be one
/// that only this thread can complete, and not by computing for long. Where sessions do, set <see cref="EventLoopTransportOptions.RunsSessionsInline"/>.
/// </para>
/// <para>
/// What a session sends in a turn leaves at its end, or at 16 KiB, whichever is first; the task of the send is
/// complete before that, and a failure shows in the next send or read.
/// </para>
/// <para>
/// Give it to <see cref="WebSocketServerOptions.Transport"/>, one to each server. Its threads run while the server listens or a connection is open.
/// </para>
/// </remarks>
public sealed class EventLoopTransport : ITransport
{
    private readonly EventLoopTransportOptions _options;
    private readonly Lazy<EventLoopGroup> _group;

    /// <param name="options">How many loops, and what they do. Null for the defaults.</param>
    /// <exception cref="PlatformNotSupportedException"><see cref="IsSupported"/> is false.</exception>
    public EventLoopTransport(EventLoopTransportOptions? options = null)
    {
        if (!IsSupported)
            throw new PlatformNotSupportedException("Event loops need Linux on x64 or arm64; leave the transport at its default.");

        _options = options ?? new EventLoopTransportOptions();
        _group = new(() => For(new SocketTransportOptions(Backlog: 512, UnacknowledgedTimeout: TimeSpan.Zero), TimeProvider.System));
    }

    /// <summary>Whether this system has what it takes: Linux on x64 or arm64.</summary>
    public static bool IsSupported { get; }
        = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is (Architecture.X64 or Architecture.Arm64);

    /// <inheritdoc/>
    public ITransportListener Listen(EndPoint endPoint) => _group.Value.Listen(endPoint);

    /// <summary>The loops of one server.</summary>
    internal EventLoopGroup For(SocketTransportOptions options, TimeProvider time) => new(_options, options, time);
}
