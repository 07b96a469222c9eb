using System.Buffers.Binary;
using System.Text;

namespace RawWs.Fuzz;

/// <summary>Headers of the PROXY protocol, of both versions.</summary>
internal sealed class ProxyHeaderGrammar : InputGrammar
{
    private static readonly byte[] Signature = Convert.FromHexString("0D0A0D0A000D0A515549540A");
    private static readonly string[] Words = ["PROXY", "TCP4", "TCP6", "UNKNOWN", "203.0.113.9", "2001:db8::9", "::ffff:203.0.113.9", "0", "65535", "65536", "01", " ", "\r", "\n", "\r\n", "%1", "-"];
    private static readonly (byte Family, int Length)[] Families = [(0x11, 12), (0x21, 36), (0x31, 216), (0x00, 0), (0x12, 12), (0x41, 4)];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random) => random.OneIn(2) ? Encoding.ASCII.GetBytes(Text(random)) : Binary(random);

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var at = random.Below(input.Length + 1);
        var piece = random.OneIn(2) ? Encoding.ASCII.GetBytes(random.Of<string>(Words)) : [(byte)random.Below(256)];
        var cut = random.OneIn(2) ? 0 : random.Below(Math.Min(input.Length - at, 8) + 1);
        return [.. input[..at], .. piece, .. input[(at + cut)..]];
    }

    private static string Text(SplitMix64 random) => random.Below(4) switch
    {
        0 => "PROXY UNKNOWN" + (random.OneIn(2) ? $" {new string('x', random.Below(110))}" : "") + "\r\n",
        1 => $"PROXY TCP6 2001:db8::{random.Below(65_536):x} ::1 {random.Below(70_000)} {random.Below(70_000)}\r\n",
        _ => $"PROXY TCP4 203.0.113.{random.Below(260)} 10.0.0.1 {random.Below(70_000)} {random.Below(70_000)}\r\nGET / HTTP/1.1\r\n",
    };

    private static byte[] Binary(SplitMix64 random)
    {
        var (family, length) = random.Of<(byte, int)>(Families);
        var block = new List<byte>(new byte[length]);
        for (var tlvs = random.Below(3); tlvs > 0; tlvs--)
        {
            var size = random.Below(6);
            block.AddRange([random.Of<byte>([0x01, 0x03, 0x04, 0x20, 0xEE]), 0, (byte)size, .. new byte[size]]);
        }

        var announced = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(announced, (ushort)(random.OneIn(8) ? random.Below(65_536) : block.Count));
        return [.. Signature, random.OneIn(8) ? (byte)random.Below(256) : random.Of<byte>([0x20, 0x21]), family, .. announced, .. block, .. "GET /"u8];
    }
}
