using System.Text.Json;

namespace RawWs.SocketIO;

/// <summary>All namespaces of a server: those that the application has made, and those that clients have, where they may. Thread-safe.</summary>
/// <remarks>A namespace that clients have made goes with its last connection: as long as one is in it, or about to be, it is held.</remarks>
internal sealed class NamespaceTable(SocketIOServer server)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _namespaces = new(StringComparer.Ordinal);
    private readonly HandlerList<Action<SocketIONamespace>> _created = new();
    private ParentNamespace[] _parents = [];
    private int _dynamicCount;

    /// <summary>All at this moment.</summary>
    public IReadOnlyList<SocketIONamespace> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _namespaces.Values.Select(entry => entry.Namespace)];
            }
        }
    }

    /// <summary>Is told of each that is made from now on.</summary>
    public IDisposable OnCreated(Action<SocketIONamespace> handler) => _created.Add(handler);

    /// <summary>One of the application's, which stays.</summary>
    public SocketIONamespace GetOrAdd(string name)
    {
        Entry? entry;
        lock (_gate)
        {
            if (_namespaces.TryGetValue(name, out entry))
            {
                // Somebody counts on it from now on.
                if (entry.IsDynamic)
                    (entry.IsDynamic, _dynamicCount) = (false, _dynamicCount - 1);

                return entry.Namespace;
            }

            entry = Add_NeedsLock(name, _parents.FirstOrDefault(parent => parent.MatchesName(name)), isDynamic: false);
        }

        Begin(entry.Namespace);
        return entry.Namespace;
    }

    /// <summary>Adds a kind of namespaces.</summary>
    public ParentNamespace AddParent(Func<string, JsonElement, ValueTask<bool>> matches, Func<string, bool>? matchesName)
    {
        lock (_gate)
        {
            var parent = new ParentNamespace(server, _parents.Length, matches, matchesName);
            Volatile.Write(ref _parents, [.. _parents, parent]);
            return parent;
        }
    }

    /// <summary>Holds the namespace that a client wants to connect to; it is made if it is of a kind.</summary>
    /// <returns>Null if there is no such namespace, and may be none. Otherwise to be released.</returns>
    public async ValueTask<SocketIONamespace?> HoldAsync(string name, JsonElement auth)
    {
        if (TryHold(name) is { } existing)
            return existing;

        foreach (var parent in Volatile.Read(ref _parents))
        {
            if (await parent.MatchesAsync(name, auth).ConfigureAwait(false))
                return HoldOrAdd(name, parent);
        }

        return null;
    }

    /// <summary>A connection that held it has left, or was not let in.</summary>
    public void Release(SocketIONamespace nsp)
    {
        lock (_gate)
        {
            if (!_namespaces.TryGetValue(nsp.Name, out var entry) || entry.Namespace != nsp)
                return;

            if (--entry.HolderCount > 0 || !entry.IsDynamic)
                return;
        }

        CleanUp(nsp);
    }

    /// <summary>What nobody asks for any more goes: what adapters keep, and namespaces that clients have made and left.</summary>
    public void CleanUp()
    {
        foreach (var nsp in All)
            CleanUp(nsp);
    }

    private void CleanUp(SocketIONamespace nsp)
    {
        // What is kept for clients that come back keeps the namespace as well.
        var isKeeping = nsp.Adapter.CleanUp();
        lock (_gate)
        {
            if (isKeeping || !server.Options.CleanUpEmptyChildNamespaces || !_namespaces.TryGetValue(nsp.Name, out var entry)
                || entry is not { IsDynamic: true, HolderCount: 0 })
                return;

            _namespaces.Remove(nsp.Name);
            _dynamicCount--;
            entry.Parent?.Forget(nsp);
        }

        server.CloseAdapter(nsp);
    }

    private SocketIONamespace? TryHold(string name)
    {
        lock (_gate)
        {
            if (!_namespaces.TryGetValue(name, out var entry))
                return null;

            entry.HolderCount++;
            return entry.Namespace;
        }
    }

    private SocketIONamespace? HoldOrAdd(string name, ParentNamespace parent)
    {
        Entry entry;
        lock (_gate)
        {
            if (_namespaces.TryGetValue(name, out var existing))
            {
                existing.HolderCount++;
                return existing.Namespace;
            }

            if (_dynamicCount >= server.Options.MaxDynamicNamespaceCount)
                return null;

            entry = Add_NeedsLock(name, parent, isDynamic: true);
            entry.HolderCount = 1;
            _dynamicCount++;
        }

        Begin(entry.Namespace);
        return entry.Namespace;
    }

    private Entry Add_NeedsLock(string name, ParentNamespace? parent, bool isDynamic)
    {
        var entry = new Entry(new SocketIONamespace(name, server, server.MakeAdapter), parent) { IsDynamic = isDynamic };
        _namespaces.Add(name, entry);
        parent?.Adopt(entry.Namespace);
        return entry;
    }

    // Its adapter begins at once: it may have something to say before there is a client.
    private void Begin(SocketIONamespace nsp)
    {
        _ = nsp.InitializeAsync();
        foreach (var handler in _created.All)
        {
            try
            {
                handler(nsp);
            }
            catch (Exception error)
            {
                // The top of the application's code for this namespace; the client that made it is not to blame.
                server.Log.NamespaceHandlerFailed(nsp.Name, error);
            }
        }
    }

    private sealed class Entry(SocketIONamespace nsp, ParentNamespace? parent)
    {
        public SocketIONamespace Namespace => nsp;

        public ParentNamespace? Parent => parent;

        public bool IsDynamic { get; set; }

        public int HolderCount { get; set; }
    }
}
