using System.Text.Json;

namespace RawWs.SocketIO;

/// <summary>
/// Namespaces of a kind, each made when the first client connects to its name. What is added here is there for the namespaces that are made from then on; what is sent
/// goes to all that there are.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ParentNamespace
{
    private readonly Func<string, JsonElement, ValueTask<bool>> _matches;
    private readonly Func<string, bool>? _matchesName;
    private readonly SocketIONamespace _template;
    private readonly Lock _gate = new();
    private SocketIONamespace[] _children = [];

    /// <param name="server">The server.</param>
    /// <param name="number">How many parents there were before it.</param>
    /// <param name="matches">Decides about a name and what the client said.</param>
    /// <param name="matchesName">The same where the name is enough; null if it is not.</param>
    internal ParentNamespace(SocketIOServer server, int number, Func<string, JsonElement, ValueTask<bool>> matches, Func<string, bool>? matchesName)
    {
        (_matches, _matchesName) = (matches, matchesName);

        // No client can say this name: it has no slash.
        _template = new SocketIONamespace($"_{number}", server, nsp => new ParentAdapter(nsp, this));
    }

    /// <summary>The namespaces of this kind that there are at this moment.</summary>
    public IReadOnlyList<SocketIONamespace> Children => Volatile.Read(ref _children);

    /// <summary>The sockets of all of them on all servers. What needs their answers or descriptions is not to be had: ask each namespace.</summary>
    public BroadcastOperator Everybody => _template.Everybody;

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Action{SocketIOSocket})"/>
    public IDisposable OnConnection(Action<SocketIOSocket> handler) => _template.OnConnection(handler);

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Func{SocketIOSocket, Task})"/>
    public IDisposable OnConnection(Func<SocketIOSocket, Task> handler) => _template.OnConnection(handler);

    /// <inheritdoc cref="SocketIONamespace.Use"/>
    public IDisposable Use(Func<SocketIOSocket, Task> middleware) => _template.Use(middleware);

    /// <summary>The members of rooms in all of them.</summary>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms) => Everybody.To(rooms);

    /// <inheritdoc cref="To"/>
    public BroadcastOperator In(params IReadOnlyCollection<string> rooms) => To(rooms);

    /// <summary>Everybody in all of them but the members of rooms.</summary>
    public BroadcastOperator Except(params IReadOnlyCollection<string> rooms) => Everybody.Except(rooms);

    /// <summary>Sends an event to everybody in all of them.</summary>
    /// <inheritdoc cref="BroadcastOperator.EmitAsync"/>
    public Task EmitAsync(string eventName, params object?[] values) => _template.EmitAsync(eventName, values);

    /// <summary>Whether a client makes a namespace of this kind by connecting to it.</summary>
    internal ValueTask<bool> MatchesAsync(string name, JsonElement auth) => _matches(name, auth);

    /// <summary>Whether a namespace that the application makes is of this kind.</summary>
    internal bool MatchesName(string name) => _matchesName?.Invoke(name) == true;

    /// <summary>Takes a new namespace.</summary>
    internal void Adopt(SocketIONamespace child)
    {
        child.CopyHandlersFrom(_template);
        lock (_gate)
        {
            Volatile.Write(ref _children, [.. _children, child]);
        }
    }

    /// <summary>A namespace has gone.</summary>
    internal void Forget(SocketIONamespace child)
    {
        lock (_gate)
        {
            Volatile.Write(ref _children, [.. _children.Where(other => other != child)]);
        }
    }
}
