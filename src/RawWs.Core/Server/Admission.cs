using System.Net;
using RawWs.Connections;
using RawWs.Diagnostics;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>The set of a server's connections, each from its acceptance to its end, and who gets into it.</summary>
/// <remarks>
/// Thread-safe. A connection that is refused is in the set too, while it is told so, but takes the place of nobody who would be admitted: it counts for no
/// limit but that of the refused.
/// </remarks>
internal sealed class Admission(ServerCore core)
{
    /// <summary>How many clients may be told at once that they are refused; more are dropped without a word.</summary>
    public const int MaxRefusedCount = 1_000;

    private readonly Lock _gate = new();
    private readonly WebSocketServerOptions _options = core.Options;
    private readonly Roster<ServedConnection> _connections = new();
    private readonly AddressTable _addresses = new();
    private readonly TaskCompletionSource _admittedGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TokenBucket _rate;
    private long _rateFilledAt;
    private int _admittedCount;
    private int _handshakeCount;
    private bool _isDraining;
    private TaskCompletionSource? _allGone;
    private long _lastId;

    /// <summary>Completes when, after <see cref="BeginDrain"/>, nobody is left who was admitted.</summary>
    public Task AdmittedGone => _admittedGone.Task;

    /// <summary>How many connections there are, those included that are being refused.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>How many connections there are, how many of them were admitted, how many of those are in their handshake, and from how many addresses they come.</summary>
    public (int Total, int Admitted, int Handshakes, int Addresses) Counts
    {
        get
        {
            lock (_gate)
            {
                return (_connections.Count, _admittedCount, _handshakeCount, _addresses.Count);
            }
        }
    }

    /// <summary>Takes a connection into the set, admitted or to be refused. The caller runs it.</summary>
    /// <returns>Null if it is not even to be told why: the caller drops it.</returns>
    public ServedConnection? Admit(TransportConnection transport)
    {
        // Who a proxy's client is has to be read first.
        var isCounted = _options.MaxConnectionsPerAddress < int.MaxValue && !core.TrustedPeers.MayNameClients(transport);
        var address = isCounted ? AddressKey.Of(transport.RemoteEndPoint) : null;
        var now = _options.MaxConnectionRate is null ? 0 : core.Wheels.Common.ReadClock();
        RefusalReason? refusal;
        ServedConnection? connection = null;

        lock (_gate)
        {
            refusal = Judge_NeedsLock(address, now);
            if (refusal is null)
                Count_NeedsLock(address);
            else if (_connections.Count - _admittedCount >= MaxRefusedCount)
                refusal = RefusalReason.RefusalsFull;

            if (refusal != RefusalReason.RefusalsFull)
                _connections.Add(connection = new ServedConnection(core, transport, ++_lastId, address, refusal));
        }

        if (refusal is { } reason)
            core.Refusals.Report(reason);

        return connection;
    }

    /// <summary>Counts an admitted connection for another address than before.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="client">Whose it is from now on; null for nobody's.</param>
    /// <returns>Whether that address may have one more; otherwise it counts as before.</returns>
    public bool TryCountFor(ServedConnection connection, EndPoint? client)
    {
        var address = _options.MaxConnectionsPerAddress == int.MaxValue ? null : AddressKey.Of(client);
        lock (_gate)
        {
            if (address == connection.Address)
                return true;

            if (address is null || _addresses.CountOf(address) < _options.MaxConnectionsPerAddress)
            {
                if (connection.Address is { } before)
                    _addresses.Remove(before);

                if (address is not null)
                    _addresses.Add(address);

                connection.Address = address;
                return true;
            }
        }

        core.Refusals.Report(RefusalReason.AddressFull);
        return false;
    }

    /// <summary>The handshake of an admitted connection has succeeded.</summary>
    public void EndHandshake()
    {
        lock (_gate)
        {
            _handshakeCount--;
        }
    }

    /// <summary>A connection has ended.</summary>
    public void Remove(ServedConnection connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
            if (connection.Refusal is null)
            {
                _admittedCount--;
                _handshakeCount -= connection.IsOpened ? 0 : 1;
                if (connection.Address is { } address)
                    _addresses.Remove(address);
            }

            SeeWhoIsLeft_NeedsLock();
        }
    }

    /// <summary>From now on everybody is refused.</summary>
    /// <returns>Who was admitted before.</returns>
    public ServedConnection[] BeginDrain()
    {
        lock (_gate)
        {
            _isDraining = true;
            SeeWhoIsLeft_NeedsLock();
            return Array.FindAll(_connections.Members.ToArray(), static connection => connection.Refusal is null);
        }
    }

    /// <summary>Waits until nobody is left, those included who are being refused.</summary>
    /// <returns>It completes once; whoever comes after that is not waited for.</returns>
    public Task WaitUntilEmptyAsync()
    {
        lock (_gate)
        {
            _allGone ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            SeeWhoIsLeft_NeedsLock();
            return _allGone.Task;
        }
    }

    /// <summary>Everybody who is there at this moment, those included who are being refused.</summary>
    public ServedConnection[] Snapshot()
    {
        lock (_gate)
        {
            return _connections.Members.ToArray();
        }
    }

    private void SeeWhoIsLeft_NeedsLock()
    {
        if (_isDraining && _admittedCount == 0)
            _admittedGone.TrySetResult();

        if (_connections.Count == 0)
            _allGone?.TrySetResult();
    }

    // The rate comes last: whoever is refused for another reason takes nothing of it.
    private RefusalReason? Judge_NeedsLock(AddressKey? address, long now)
    {
        if (_isDraining)
            return RefusalReason.Draining;

        if (_admittedCount >= _options.MaxConnections)
            return RefusalReason.ServerFull;

        if (address is { } key && _addresses.CountOf(key) >= _options.MaxConnectionsPerAddress)
            return RefusalReason.AddressFull;

        if (_handshakeCount >= _options.MaxHandshakeCount)
            return RefusalReason.HandshakesFull;

        return _options.MaxConnectionRate is not { } rate || TryTakeRate_NeedsLock(rate, now) ? null : RefusalReason.ConnectionRate;
    }

    private bool TryTakeRate_NeedsLock(in RateLimit rate, long now)
    {
        // Two threads may come here in another order than that in which they read the clock.
        var elapsed = Math.Max(0, now - _rateFilledAt);
        _rateFilledAt += elapsed;
        _rate.Refill(rate, elapsed);
        return _rate.TryTake(rate);
    }

    private void Count_NeedsLock(AddressKey? address)
    {
        _admittedCount++;
        _handshakeCount++;
        if (address is { } key)
            _addresses.Add(key);
    }
}
