using System.Net;
using System.Text;

namespace RawWs.Redis.Client;

/// <summary>Which master has which slots of a cluster, as one of its servers has told.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ClusterMap
{
    /// <summary>Masters that there may be: as many as Redis is made for. Each of them is connected to.</summary>
    public const int MaxMasterCount = 1_000;

    private readonly DnsEndPoint?[] _owners = new DnsEndPoint?[HashSlot.Count];
    private readonly List<DnsEndPoint> _masters = [];

    private ClusterMap()
    {
    }

    /// <summary>The masters that have slots, and those that have been given some.</summary>
    public IReadOnlyList<DnsEndPoint> Masters => _masters;

    /// <summary>Whether every slot is somebody's.</summary>
    public bool IsComplete => !_owners.AsSpan().Contains(null);

    /// <summary>The master of a slot; null if it is nobody's.</summary>
    public DnsEndPoint? this[int slot] => _owners[slot];

    /// <summary>Reads what <c>CLUSTER SLOTS</c> answers.</summary>
    /// <param name="reply">The answer: for each range of slots its first, its last, and the servers, of which the first is the master. It is a peer's, and may be anything.</param>
    /// <param name="asked">Who was asked: a server that does not know its own name leaves it out.</param>
    /// <returns>Null if it makes no sense, or names no master: what is half understood is not believed.</returns>
    public static ClusterMap? Read(RespValue reply, DnsEndPoint asked)
    {
        var map = new ClusterMap();
        var known = new Dictionary<DnsEndPoint, DnsEndPoint>();
        var namedCount = 0;
        foreach (var range in reply.Items)
        {
            if (range.Items is not [{ Type: RespType.Integer } first, { Type: RespType.Integer } last, { Items: [var host, { Type: RespType.Integer } port, ..] }, ..]
                || first.ToInteger() < 0 || last.ToInteger() < first.ToInteger() || last.ToInteger() >= HashSlot.Count)
                return null;

            // No slot is named twice: so no answer, however long, makes more work than there are slots.
            var (begin, end) = ((int)first.ToInteger(), (int)last.ToInteger() + 1);
            if ((namedCount += end - begin) > HashSlot.Count)
                return null;

            // A server may not know how others are to call one of them: its slots are nobody's until another server does.
            if (ClusterAddress.Of(Encoding.UTF8.GetString(host.Bytes.Span), port.ToInteger(), asked) is not { } server)
                continue;

            if (!known.TryGetValue(server, out var owner))
            {
                if (known.Count == MaxMasterCount)
                    return null;

                known.Add(server, owner = server);
                map._masters.Add(server);
            }

            map._owners.AsSpan(begin..end).Fill(owner);
        }

        return map._masters.Count > 0 ? map : null;
    }

    /// <summary>A slot is elsewhere.</summary>
    /// <returns><see langword="false"/> if there can be no further master.</returns>
    public bool TryMove(int slot, DnsEndPoint owner)
    {
        if (owner.Equals(_owners[slot]))
            return true;

        if (!_masters.Contains(owner))
        {
            if (_masters.Count == MaxMasterCount)
                return false;

            _masters.Add(owner);
        }

        _owners[slot] = owner;
        return true;
    }
}
