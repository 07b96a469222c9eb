using RawWs.Conformance;

namespace RawWs.Fuzz;

/// <summary>A client's compressed messages, decompressed bit by bit by an inflater that shares nothing with zlib.</summary>
internal static class PlainInflation
{
    /// <summary>How far back the compressed messages in a client's bytes refer, as far as they can be read; 0 for nothing.</summary>
    public static int FarthestDistance(byte[] wire)
    {
        var inflater = new Inflater(windowBits: 15, contextTakeover: true);
        List<byte>? message = null;

        foreach (var frame in ClientFrame.ReadAll(wire, out _).Where(frame => (frame.First & 0x08) == 0))
        {
            if ((frame.First & 0x0F) != 0)
                message = (frame.First & 0x40) != 0 ? [] : null;

            message?.AddRange(frame.Payload);
            if (message is null || ((frame.First & 0x80) == 0 && (ulong)frame.Payload.Length == frame.Announced))
                continue;

            if (Inflate(inflater, [.. message]) is null)
                break;

            message = [];
        }

        // The message that has not ended.
        Inflate(inflater, [.. message ?? []]);
        return inflater.FarthestDistance;
    }

    /// <returns>Null if it is no DEFLATE data.</returns>
    public static byte[]? Inflate(Inflater inflater, byte[] payload)
    {
        try
        {
            return inflater.Inflate(payload);
        }
        catch (Exception error) when (error is VerdictException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            // It reads what a server under test sends, and does not look at everything that can be wrong with a table.
            return null;
        }
    }
}
