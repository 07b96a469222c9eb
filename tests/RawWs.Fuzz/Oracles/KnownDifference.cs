using System.Net.WebSockets;
using System.Text.Unicode;

namespace RawWs.Fuzz;

/// <summary>
/// Where this server and System.Net.WebSockets differ on purpose. The list is short and each entry narrow: a difference that is not here is a finding.
/// </summary>
internal static class KnownDifference
{
    /// <returns>What the difference is; null if they must agree.</returns>
    public static string? Between(byte[] input, PeerVerdict ours, PeerVerdict theirs)
    {
        if (IsWaiting(theirs) && ours.Code > 0 && ours.HasSameEvents(theirs))
            return "we fail at the first byte that can't be legal, they when the frame is whole";

        if (ours.Code == 1009 && ours.HasSameEvents(theirs))
            return "we refuse what is announced larger than the limit, they have none";

        if (ours.ClosedWith is >= 1012 and <= 1014 && theirs.Code == 1002 && ours.HasSameEvents(theirs))
            return "IANA has registered these close codes, they know only those of RFC 6455";

        if (ours.ClosedWith == 1005 && theirs.ClosedWith == 1000 && ours.HasSameEvents(theirs))
            return "we report a close frame without a code as such (§7.1.5), they as 1000";

        if ((ours.Code, theirs.Code) == (1007, 1002) && ours.HasSameEvents(theirs) && HasBadReason(input))
            return "we fail a close reason that is not UTF-8 with 1007 (§8.1), as any other text, they with 1002";

        if (ours.Code == 1007 && ours.Messages.Count == theirs.Messages.Count)
            return "we fail at the first byte that can't be text, they sometimes later, and something else may come before that";

        if (ours.Code == 1007 && theirs.Messages.Any(IsBadText))
            return "they do not see that a text ends inside a character if the frame that ends it is empty";

        if (IsWaiting(ours) && theirs.Code == 1002 && ours.HasSameEvents(theirs) && EndsBeforeLoneCloseByte(input))
            return "they fail a close frame of one byte at its header, we when the byte is there";

        return ours.Code == 1002 && HasNonMinimalLength(input) ? "we refuse a length that is not minimally encoded (§5.2), they accept it" : null;
    }

    private static bool IsWaiting(PeerVerdict verdict) => verdict is { Code: 0, ClosedWith: 0 };

    private static bool IsBadText((WebSocketMessageType Type, byte[] Payload) message)
        => message.Type is WebSocketMessageType.Text && !Utf8.IsValid(message.Payload);

    private static bool EndsBeforeLoneCloseByte(byte[] input)
        => ClientFrame.ReadAll(input, out _) is [.., { First: 0x88, Announced: 1, Payload.Length: 0 }];

    private static bool HasBadReason(byte[] input)
        => ClientFrame.ReadAll(input, out _).Any(frame => frame is { First: 0x88, Payload.Length: > 2 } && !Utf8.IsValid(frame.Payload.AsSpan(2)));

    private static bool HasNonMinimalLength(byte[] input)
        => ClientFrame.ReadAll(input, out _).Any(frame => frame is { LengthSize: 2, Announced: < 126 } or { LengthSize: 8, Announced: < 65_536 });
}
