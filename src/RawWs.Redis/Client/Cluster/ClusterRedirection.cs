using System.Globalization;
using System.Net;

namespace RawWs.Redis.Client;

/// <summary>What a server answers that does not have a slot: <c>MOVED</c> or <c>ASK</c>, the slot, and <c>HOST:PORT</c> of the server that has it.</summary>
/// <param name="IsAsk">Whether only this command is meant, because a key is on its way.</param>
/// <param name="Slot">The slot.</param>
/// <param name="Server">Who has it.</param>
internal readonly record struct ClusterRedirection(bool IsAsk, int Slot, DnsEndPoint Server)
{
    /// <param name="error">What was answered: it is a peer's, and may be anything.</param>
    /// <param name="asked">Who was asked: a server that does not know its own name leaves it out.</param>
    /// <returns>Null if it is none.</returns>
    public static ClusterRedirection? Read(RedisErrorException error, DnsEndPoint asked)
    {
        if (error.Code is not ("MOVED" or "ASK")
            || error.Message.Split(' ', 4) is not [_, var slotText, var address, ..]
            || !int.TryParse(slotText, NumberStyles.None, CultureInfo.InvariantCulture, out var slot)
            || slot >= HashSlot.Count
            || address.LastIndexOf(':') is not (>= 0 and var colon)
            || !int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return null;

        return ClusterAddress.Of(address[..colon], port, asked) is { } server ? new(error.Code == "ASK", slot, server) : null;
    }
}
