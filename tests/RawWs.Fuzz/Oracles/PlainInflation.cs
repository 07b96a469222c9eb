using RawWs.Conformance;

namespace RawWs.Fuzz;

/// <summary>A client's compressed message, decompressed bit by bit by an inflater that shares nothing with zlib.</summary>
internal static class PlainInflation
{
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
