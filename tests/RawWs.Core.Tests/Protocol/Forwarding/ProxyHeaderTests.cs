using System.Buffers;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

/// <summary>The PROXY protocol's specification as a table. Each header is read in every segmentation, with TLS right behind it.</summary>
public sealed partial class ProxyHeaderTests
{
    private const string Nobody = "nobody", Wrong = "wrong", Unfinished = "unfinished";
    private const string Signature = "0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a";
    private const string Addresses4 = "cb 00 71 09  0a 00 00 01  dd d5 01 bb";
    private const string Addresses6 = "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01  dd d5 01 bb";
    private const string Checksum4 = "c1 91 57 32";
    private const string Behind = "16 03 01";

    private static readonly string UnixAddresses = new('0', 2 * 216);

    public static TheoryData<string, string> Version1 => new()
    {
        { "PROXY TCP4 203.0.113.9 10.0.0.1 56789 443\r\n", "203.0.113.9:56789" },
        { "PROXY TCP6 2001:db8::9 2001:db8::1 56789 443\r\n", "[2001:db8::9]:56789" },
        { "PROXY TCP6 2001:DB8:0:0:0:0:0:9 ::1 0 65535\r\n", "[2001:db8::9]:0" },
        { "PROXY TCP6 ::ffff:203.0.113.9 ::ffff:10.0.0.1 56789 443\r\n", "203.0.113.9:56789" },
        { "PROXY UNKNOWN\r\n", Nobody },
        { "PROXY UNKNOWN 6.6.6.6 10.0.0.1 56789 443\r\n", Nobody },
        { "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", Nobody },

        // As long as it may be, and one byte longer.
        { $"PROXY UNKNOWN {new string('x', 107 - 16)}\r\n", Nobody },
        { $"PROXY UNKNOWN {new string('x', 108 - 16)}\r\n", Wrong },
        { $"PROXY TCP4 {new string(' ', 200)}", Wrong },

        // What is there is judged before the rest has come.
        { "PROXY TCP4 203.0.113.9 10.0.0.1 56789 443\r", Unfinished },
        { "PROXY TCP4 203.0.113.9", Unfinished },
        { "P", Unfinished },
        { "POST / HTTP/1.1\r\n", Wrong },
        { "GET / HTTP/1.1\r\n", Wrong },
        { "PROXy UNKNOWN\r\n", Wrong },
        { "proxy UNKNOWN\r\n", Wrong },
        { " PROXY UNKNOWN\r\n", Wrong },
        { "\u0016\u0003\u0001", Wrong },

        // One space between two fields, one end of the line, nothing more.
        { "PROXY\r\n", Wrong },
        { "PROXY \r\n", Wrong },
        { "PROXY  TCP4 203.0.113.9 10.0.0.1 56789 443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9  10.0.0.1 56789 443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 56789 443 \r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 56789 443 1\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 56789\r\n", Wrong },
        { "PROXY TCP4\r\n", Wrong },
        { "PROXY\tTCP4 203.0.113.9 10.0.0.1 56789 443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 56789 443\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 56789 443\r\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9\r\nPROXY TCP4 6.6.6.6 10.0.0.1 1 2\r\n", Wrong },
        { "PROXY UNKNOWNX\r\n", Wrong },
        { "PROXY UDP4 203.0.113.9 10.0.0.1 56789 443\r\n", Wrong },
        { "PROXY tcp4 203.0.113.9 10.0.0.1 56789 443\r\n", Wrong },

        // Addresses of the family, and numbers in one form.
        { "PROXY TCP4 2001:db8::9 2001:db8::1 56789 443\r\n", Wrong },
        { "PROXY TCP6 203.0.113.9 10.0.0.1 56789 443\r\n", Wrong },
        { "PROXY TCP6 [2001:db8::9] 2001:db8::1 56789 443\r\n", Wrong },
        { "PROXY TCP6 fe80::1%1 2001:db8::1 56789 443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.09 10.0.0.1 56789 443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.256 10.0.0.1 56789 443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.1 56789 443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 65536 443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 056789 443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 56789 0443\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 56789 -1\r\n", Wrong },
        { "PROXY TCP4 203.0.113.9 10.0.0.1 +1 443\r\n", Wrong },
    };

    public static TheoryData<string, string> Version2 => new()
    {
        { $"{Signature} 21 11 00 0c {Addresses4}", "203.0.113.9:56789" },
        { $"{Signature} 21 21 00 24 {Addresses6}", "[2001:db8::9]:56789" },
        { $"{Signature} 21 21 00 24 00 00 00 00 00 00 00 00 00 00 ff ff cb 00 71 09 {new string('0', 32)} 00 01 00 02", "203.0.113.9:1" },
        { $"{Signature} 21 31 00 d8 {UnixAddresses}", Nobody },

        // LOCAL: the proxy itself asks, whatever the rest says. UNSPEC: the proxy does not know.
        { $"{Signature} 20 00 00 00", Nobody },
        { $"{Signature} 20 11 00 0c {Addresses4}", Nobody },
        { $"{Signature} 20 ff 00 03 01 02 03", Nobody },
        { $"{Signature} 21 00 00 00", Nobody },
        { $"{Signature} 21 00 00 05 01 02 03 04 05", Nobody },

        // TLVs are passed over: PP2_TYPE_NOOP, PP2_TYPE_ALPN, one that nobody has assigned, one without a value.
        { $"{Signature} 21 11 00 17 {Addresses4} 04 00 01 00  01 00 02 68 32  ee 00 00", Wrong },
        { $"{Signature} 21 11 00 18 {Addresses4} 04 00 01 00  01 00 02 68 32  ee 00 00", "203.0.113.9:56789" },
        { $"{Signature} 21 11 00 0e {Addresses4} 04 00", Wrong },
        { $"{Signature} 21 11 00 0f {Addresses4} 04 00 01", Wrong },
        { $"{Signature} 21 11 00 0f {Addresses4} 04 ff ff", Wrong },
        { $"{Signature} 21 31 00 dc {UnixAddresses} 04 00 01 00", Nobody },

        // PP2_TYPE_SSL: the client spoke TLS, or did not, or the proxy says nothing.
        { $"{Signature} 21 11 00 14 {Addresses4} 20 00 05 01 00 00 00 00", "203.0.113.9:56789 TLS" },
        { $"{Signature} 21 11 00 14 {Addresses4} 20 00 05 06 00 00 00 00", "203.0.113.9:56789" },
        { $"{Signature} 21 11 00 0f {Addresses4} 20 00 00", "203.0.113.9:56789" },

        // PP2_TYPE_CRC32C, over everything, wherever it stands. The values are from an implementation of RFC 3720's CRC by table.
        { $"{Signature} 21 11 00 13 {Addresses4} 03 00 04 {Checksum4}", "203.0.113.9:56789" },
        { $"{Signature} 21 11 00 13 {Addresses4} 03 00 04 00 00 00 00", Wrong },
        { $"{Signature} 21 11 00 13 {Addresses4.Replace("cb", "ca", StringComparison.Ordinal)} 03 00 04 {Checksum4}", Wrong },
        { $"{Signature} 21 11 00 12 {Addresses4} 03 00 03 00 00 00", Wrong },

        // Versions, commands, families and transports that there are not.
        { $"{Signature} 11 11 00 0c {Addresses4}", Wrong },
        { $"{Signature} 31 11 00 0c {Addresses4}", Wrong },
        { $"{Signature} 22 11 00 0c {Addresses4}", Wrong },
        { $"{Signature} 2f 11 00 0c {Addresses4}", Wrong },
        { $"{Signature} 21 12 00 0c {Addresses4}", Wrong },
        { $"{Signature} 21 10 00 0c {Addresses4}", Wrong },
        { $"{Signature} 21 01 00 0c {Addresses4}", Wrong },
        { $"{Signature} 21 41 00 0c {Addresses4}", Wrong },

        // Shorter than its addresses, longer than may be, not all there.
        { $"{Signature} 21 11 00 0b {Addresses4}", Wrong },
        { $"{Signature} 21 21 00 0c {Addresses4}", Wrong },
        { $"{Signature} 21 11 00 00", Wrong },
        { $"{Signature} 21 11 3f f1", Wrong },
        { $"{Signature} 21 11 ff ff", Wrong },
        { $"{Signature} 21 11 3f f0 {Addresses4}", Unfinished },
        { $"{Signature} 21 11 00", Unfinished },
        { "0d 0a 0d 0a 00", Unfinished },
        { "0d 0a 0d 0a 47 45 54", Wrong },
        { "0d 0a 0d 0a 00 0d 0a 51 55 49 54 0d", Wrong },
    };

    [Theory]
    [MemberData(nameof(Version1))]
    public void Version_1_is_read_strictly_in_any_segmentation(string text, string expected) => AssertRead(expected, Encoding.Latin1.GetBytes(text));

    [Theory]
    [MemberData(nameof(Version2))]
    public void Version_2_is_read_strictly_in_any_segmentation(string hex, string expected) => AssertRead(expected, Hex.Bytes(hex));

    [Fact]
    public void A_header_of_the_greatest_length_is_read()
    {
        const int ValueLength = ProxyHeader.MaxBinaryLength - 16 - 12 - 3;

        AssertRead("203.0.113.9:56789", [.. Hex.Bytes($"{Signature} 21 11 3f f0 {Addresses4} ee {ValueLength:x4}"), .. new byte[ValueLength]]);
    }

    private static void AssertRead(string expected, byte[] header)
    {
        // What comes behind must neither be waited for nor be touched.
        var bytes = expected == Unfinished ? header : [.. header, .. Hex.Bytes(Behind)];
        Assert.All(Segmentation.All(bytes.Length), segmentation => Assert.Equal(expected, Read(bytes, segmentation, header.Length)));
    }

    private static string Read(byte[] bytes, Segmentation segmentation, int? expectedLength = null)
    {
        foreach (var end in segmentation.Arrivals(bytes.Length))
        {
            var input = segmentation.IsSegmented ? Sequences.Cut(bytes, 0, end, segmentation.Cuts) : new ReadOnlySequence<byte>(bytes, 0, end);
            try
            {
                if (!ProxyHeader.TryRead(ref input, out var header))
                {
                    Assert.Equal(end, input.Length);
                    continue;
                }

                if (expectedLength is { } length)
                    Assert.Equal(length, end - input.Length);

                return (header.Source?.ToString() ?? Nobody) + (header.IsSecure ? " TLS" : "");
            }
            catch (ProxyHeaderException)
            {
                return Wrong;
            }
        }

        return Unfinished;
    }
}
