using System.Globalization;
using System.Net;
using System.Text;

namespace RawWs.Redis.Client;

/// <summary>Which master has which slots of a cluster, as one of its servers has told. Immutable.</summary>
internal sealed class ClusterMap
{
    private readonly DnsEndPoint?[] _owners;

    private ClusterMap(DnsEndPoint?[] owners)
    {
        _owners = owners;
        Masters = [.. owners.OfType<DnsEndPoint>().Distinct()];
    }

    /// <summary>The masters that have slots.</summary>
    public IReadOnlyList<DnsEndPoint> Masters { get; }

    /// <summary>The master of a slot; null if it is nobody's.</summary>
    public DnsEndPoint? this[int slot] => _owners[slot];

    /// <summary>Reads what <c>CLUSTER SLOTS</c> answers.</summary>
    /// <param name="reply">The answer: for each range of slots its first, its last, and the servers, of which the first is the master.</param>
    /// <param name="asked">Who was asked: a server that does not know its own name leaves it out.</param>
    public static ClusterMap Read(RespValue reply, DnsEndPoint asked)
    {
        var owners = new DnsEndPoint?[HashSlot.Count];
        foreach (var range in reply.Items)
        {
            if (range.Items is not [{ Type: RespType.Integer } first, { Type: RespType.Integer } last, { Items: [var host, { Type: RespType.Integer } port, ..] }, ..]
                || port.ToInteger() is < 1 or > ushort.MaxValue)
                continue;

            var owner = new DnsEndPoint(host.Bytes.IsEmpty ? asked.Host : Encoding.UTF8.GetString(host.Bytes.Span), (int)port.ToInteger());
            for (var slot = Math.Max(0, first.ToInteger()); slot <= Math.Min(HashSlot.Count - 1, last.ToInteger()); slot++)
                owners[slot] = owner;
        }

        return new ClusterMap(owners);
    }

    /// <summary>The same map, but for one slot.</summary>
    public ClusterMap With(int slot, DnsEndPoint owner)
    {
        var owners = _owners.ToArray();
        owners[slot] = owner;
        return new ClusterMap(owners);
    }

    /// <summary>Reads what a server answers that does not have a slot: <c>MOVED</c> or <c>ASK</c>, the slot, and <c>HOST:PORT</c> of the server that has it.</summary>
    /// <param name="error">The answer.</param>
    /// <param name="asked">Who was asked.</param>
    /// <returns>Null if it is none of these.</returns>
    public static (bool IsAsk, int Slot, DnsEndPoint Owner)? Redirection(RedisErrorException error, DnsEndPoint asked)
    {
        if (error.Code is not ("MOVED" or "ASK")
            || error.Message.Split(' ') is not [_, var slotText, var address]
            || !int.TryParse(slotText, NumberStyles.None, CultureInfo.InvariantCulture, out var slot)
            || slot >= HashSlot.Count
            || address.LastIndexOf(':') is not (>= 0 and var colon)
            || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port == 0)
            return null;

        return (error.Code == "ASK", slot, new DnsEndPoint(colon == 0 ? asked.Host : address[..colon].Trim('[', ']'), port));
    }
}
