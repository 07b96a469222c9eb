namespace RawWs.SocketIO;

/// <summary>Which sockets are meant, and how what is sent to them is sent. Immutable.</summary>
public sealed record BroadcastOptions
{
    /// <summary>All sockets, and nothing special.</summary>
    public static BroadcastOptions Everybody { get; } = new();

    /// <summary>The rooms whose members are meant; everybody if there is none.</summary>
    public IReadOnlyList<string> Rooms { get; init; } = [];

    /// <summary>The rooms whose members are not.</summary>
    public IReadOnlyList<string> Except { get; init; } = [];

    /// <summary>Whether what a connection can't take at once is dropped.</summary>
    public bool IsVolatile { get; init; }

    /// <summary>Whether it may be compressed, where the connection has agreed on that. Default true.</summary>
    public bool IsCompressible { get; init; } = true;

    /// <summary>Whether only the sockets of this server are meant.</summary>
    public bool IsLocal { get; init; }

    /// <summary>How long acks are waited for; null for <see cref="SocketIOServerOptions.AckTimeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether a single socket is asked, whose answer is no list: Node's servers tell each other.</summary>
    public bool ExpectsSingleResponse { get; init; }
}
